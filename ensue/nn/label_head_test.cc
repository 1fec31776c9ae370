// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/label_head.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

constexpr int kWidth = 5;

struct Head {
  Parameters parameters;
  Rng rng{6};
  Scope scope{parameters, rng, "heads.1"};
  LabelHead head;

  explicit Head(const std::string& kind, int outputs = 1)
      : head({.task = "t",
              .kind = kind,
              .width = kWidth,
              .hidden = 6,
              .outputs = outputs},
             scope) {
    for (const auto& p : parameters) {
      for (std::size_t i = 0; i < p->size(); ++i) {
        p->data()[i] = static_cast<float>(0.3 * rng.normal());
        // Far from the kink of ReLU, where slopes are not those of steps.
        if (p->name == "heads.1.in.bias") p->data()[i] = i < 2 ? -3 : 3;
      }
    }
  }
};

const std::vector<float> kSince = {0, 1.5F, 3};

struct Kind {
  const char* name;
  int outputs;
  std::vector<float> values;
};
const std::vector<Kind> kKinds = {{"binary", 1, {1, 0, 1}},
                                  {"class", 3, {2, 0, 2}},
                                  {"number", 1, {-3, 10, 40}},
                                  {"count", 1, {0, 3, 1}}};

TEST(LabelHead, ItsGradientsAreThoseOfFiniteDifferences) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    Head made(kind.name, kind.outputs);
    made.head.count(kind.values);
    const at::Tensor x = random_tensor(3, kWidth, 3).requires_grad_();
    made.head.loss(made.head.margins(x, kSince), kind.values).backward();
    const auto loss = [&] {
      const at::NoGradGuard no_grad;
      return made.head.loss(made.head.margins(x, kSince), kind.values)
          .item<double>();
    };
    expect_slope(x.detach(), x.grad(), loss, 4e-2);
    for (const auto& p : made.parameters) {
      SCOPED_TRACE(p->name);
      expect_slope(p->value, p->grad, loss, 4e-2);
    }
  }
}

// The loss of each kind, written down in double.
TEST(LabelHead, LosesWhatItsKindSays) {
  for (const Kind& kind : kKinds) {
    SCOPED_TRACE(kind.name);
    Head made(kind.name, kind.outputs);
    made.head.count(kind.values);
    const at::NoGradGuard no_grad;
    const at::Tensor margins =
        made.head.margins(random_tensor(3, kWidth, 3), kSince);
    const std::string name = kind.name;
    double wanted = 0;
    for (int row = 0; row < 3; ++row) {
      const double m = margins[row][0].item<double>(),
                   y = kind.values[static_cast<std::size_t>(row)];
      if (name == "binary") {
        wanted -= std::log(1 / (1 + std::exp(y == 1 ? -m : m)));
      } else if (name == "number") {
        const double deviation = std::sqrt(324.22222);  // of -3, 10, 40
        wanted += std::pow((m - y) / deviation, 2);
      } else if (name == "count") {
        wanted += std::exp(m) - y * m;
      } else {
        double all = 0;
        for (int c = 0; c < 3; ++c) {
          all += std::exp(margins[row][c].item<double>());
        }
        wanted -=
            margins[row][static_cast<int>(y)].item<double>() - std::log(all);
      }
    }
    const double got = made.head.loss(margins, kind.values).item<double>();
    EXPECT_NEAR(got, wanted / 3, 1e-3 * std::abs(wanted));
  }
}

// With nothing learnt it says what the labels are on the whole.
TEST(LabelHead, StartsFromTheMeanLabel) {
  const auto base = [](const char* kind, int outputs,
                       const std::vector<float>& values) {
    Head made(kind, outputs);
    for (const auto& p : made.parameters) p->value.zero_();
    made.head.count(values);
    const at::NoGradGuard no_grad;
    return made.head.margins(random_tensor(1, kWidth, 3), {1});
  };
  // One more of each kind: 3 of 4 become 4 of 6.
  EXPECT_NEAR(base("binary", 1, {1, 1, 0, 1}).item<double>(), std::log(2.0),
              1e-6);
  EXPECT_NEAR(base("number", 1, {1, 2, 6}).item<double>(), 3, 1e-6);
  EXPECT_NEAR(base("count", 1, {1, 2, 4}).item<double>(), std::log(2.0), 1e-6);
  const at::Tensor classes = base("class", 2, {0, 0, 0, 1});
  EXPECT_NEAR((classes[0][0] - classes[0][1]).item<double>(), std::log(2.0),
              1e-6);
}

TEST(LabelHead, KnowsItsKinds) {
  EXPECT_THROW(Head("rank"), Error);
  EXPECT_THROW(Head("binary", 2), Error);
}

}  // namespace
}  // namespace ensue::nn
