// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/adapters.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/nn/internal/test_model.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

constexpr std::int64_t kInputs = 4, kOutputs = 3;

struct Layer {
  std::unique_ptr<Parameter> weight =
      parameter(random_tensor(kOutputs, kInputs, 1));
  std::unique_ptr<Parameter> bias =
      parameter(random_tensor(1, kOutputs, 2).flatten());
  at::Tensor x = random_tensor(6, kInputs, 3);

  at::Tensor loss() { return linear(x, *weight, *bias).pow(3).sum(); }
};

TEST(Adapters, StartWithoutAnEffect) {
  Layer layer;
  const at::Tensor before = layer.weight->value.clone();
  Adapters adapters({layer.weight.get()}, 2, /*seed=*/5);
  adapters.push();
  EXPECT_TRUE(layer.weight->value.equal(before));
}

TEST(Adapters, TheirGradientsAreThoseOfFiniteDifferences) {
  Layer layer;
  layer.x.requires_grad_();
  Adapters adapters({layer.weight.get()}, 2, 5);
  for (const auto& p : adapters.parameters()) {
    p->value.copy_(random_tensor(p->value.size(0), p->value.size(1), 7));
  }
  adapters.push();
  layer.loss().backward();
  adapters.pull();
  EXPECT_EQ(layer.weight->grad.abs().sum().item<double>(), 0);
  for (const auto& p : adapters.parameters()) {
    SCOPED_TRACE(p->name);
    expect_slope(
        p->value, p->grad,
        [&] {
          adapters.push();
          const at::NoGradGuard no_grad;
          return layer.loss().item<double>();
        },
        5e-2);
  }
}

TEST(Adapters, ChangeAMatrixByTheirRankAndNoMore) {
  Layer layer;
  const at::Tensor before = layer.weight->value.clone();
  Adapters adapters({layer.weight.get()}, 1, 5);
  adapters.parameters()[0]->value.fill_(0.5);
  adapters.push();
  const at::Tensor change = layer.weight->value - before;
  EXPECT_GT(change.abs().sum().item<double>(), 0.1);
  // Every row is a multiple of the first one.
  for (std::int64_t r = 1; r < kOutputs; ++r) {
    EXPECT_TRUE(change[r].allclose(change[0], 1e-4, 1e-5));
  }
}

TEST(Adapters, RefuseARankBelowOne) {
  Layer layer;
  EXPECT_THROW(Adapters({layer.weight.get()}, 0, 5), Error);
}

}  // namespace
}  // namespace ensue::nn
