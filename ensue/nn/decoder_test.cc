// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/decoder.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

constexpr std::int64_t kWidth = 4, kItems = 6;
constexpr std::int64_t kNone = Written::kNone;

struct Made {
  Parameters parameters;
  Rng rng{4};
  Scope scope{parameters, rng, "heads.1"};
  Decoder decoder{artifact::DecoderConfig{.width = kWidth, .steps = 3}, scope};
  std::unique_ptr<Parameter> items = table(random_tensor(kItems, kWidth, 8));
};

// Two rows; behind the second one a single item comes.
Written two_rows() {
  Written out;
  out.rows = {2, 0};
  out.items = {1, 5, 0, 3, kNone, kNone};
  return out;
}

TEST(Decoder, ItsGradientsAreThoseOfFiniteDifferences) {
  Made made;
  const Written written = two_rows();
  const at::Tensor hidden = random_tensor(3, kWidth, 3).requires_grad_();
  const at::Tensor weights = random_tensor(6, kWidth, 6);
  const auto total = [&] {
    return (made.decoder.states(hidden, written, *made.items) * weights).sum();
  };
  total().backward();
  const auto loss = [&] {
    const at::NoGradGuard no_grad;
    return total().item<double>();
  };
  expect_slope(hidden.detach(), hidden.grad(), loss);
  expect_slope(made.items->value, made.items->grad, loss);
  for (const auto& p : made.parameters) {
    SCOPED_TRACE(p->name);
    expect_slope(p->value, p->grad, loss);
  }
}

TEST(Decoder, APlaceKnowsTheItemsBeforeItAndNoOther) {
  Made made;
  const at::NoGradGuard no_grad;
  const at::Tensor hidden = random_tensor(3, kWidth, 3);
  const at::Tensor one = made.decoder.states(hidden, two_rows(), *made.items);
  Written changed = two_rows();
  changed.items[1] = 2;  // the second item of the first row
  const at::Tensor other = made.decoder.states(hidden, changed, *made.items);
  for (const std::int64_t same : {0, 1, 2, 3, 5}) {
    EXPECT_TRUE(one[same].equal(other[same])) << same;
  }
  EXPECT_FALSE(one[4].equal(other[4])) << "the third place of the first row";
}

TEST(Decoder, NothingIsWantedWhereNothingComes) {
  Made made;
  const Targets targets = made.decoder.targets(two_rows());
  EXPECT_EQ(targets.rows, (std::vector<std::int64_t>{0, 1, 2, 4}));
  EXPECT_EQ(targets.items, (std::vector<std::int64_t>{1, 3, 5, 0}));
  EXPECT_EQ(targets.begin, (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
}

TEST(Decoder, RefusesNoSteps) {
  Parameters parameters;
  Rng rng(1);
  Scope scope(parameters, rng, "heads.1");
  EXPECT_THROW(Decoder(artifact::DecoderConfig{.steps = 0}, scope), Error);
}

}  // namespace
}  // namespace ensue::nn
