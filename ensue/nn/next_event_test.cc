// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/next_event.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

constexpr std::int64_t kWidth = 5, kActions = 3, kItems = 7;
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

// Three events after the rows 0, 1 and 1 of a batch.
NextEvents three_events() {
  NextEvents out;
  out.rows = {0, 1, 1};
  out.actions = {2, 0, 1};
  out.gaps = {0, 17, 63};
  out.values = {3.5F, kNone, -40.0F};
  out.items.rows = {0, 1, 2};
  out.items.begin = {0, 1, 2, 3};
  out.items.items = {6, 0, 3};
  out.items.weights = {1, 0.5F, 0.5F};
  return out;
}

struct Head {
  Parameters parameters;
  Rng rng{4};
  Scope scope{parameters, rng, "heads.1"};
  EventHead head{artifact::NextEventConfig{.width = kWidth, .hidden = 6},
                 Sizes{.items = kItems, .actions = kActions}, scope};
  std::unique_ptr<Parameter> items = table(random_tensor(kItems, kWidth, 8));
  ItemHead item_head{items.get(), nullptr, {}, {}, 0};

  Head() {
    for (const auto& p : parameters) {
      for (std::size_t i = 0; i < p->size(); ++i) {
        p->data()[i] = static_cast<float>(0.6 * rng.normal());
      }
    }
  }
  at::Tensor total(const at::Tensor& x, const NextEvents& next) {
    const EventHead::Losses losses = head.losses(x, next, item_head);
    return losses.action + 0.7 * losses.gap + 0.3 * losses.value +
           head.queries(x, next.actions, next.gaps).square().sum();
  }
};

TEST(NextEvent, ItsGradientsAreThoseOfFiniteDifferences) {
  Head made;
  const NextEvents next = three_events();
  const at::Tensor hidden = random_tensor(2, kWidth, 3).requires_grad_();
  const at::Tensor rows = at::tensor(next.rows, at::kLong);
  made.total(hidden.index_select(0, rows), next).backward();
  const auto loss = [&] {
    const at::NoGradGuard no_grad;
    return made.total(hidden.index_select(0, rows), next).item<double>();
  };
  expect_slope(hidden.detach(), hidden.grad(), loss, 4e-2);
  for (const auto& p : made.parameters) {
    SCOPED_TRACE(p->name);
    expect_slope(p->value, p->grad, loss, 4e-2);
  }
  expect_slope(made.items->value, made.items->grad, loss, 4e-2);
}

TEST(NextEvent, WeighsAndLeavesOutWhatHasNoValue) {
  Head made;
  const at::NoGradGuard no_grad;
  NextEvents next = three_events();
  const at::Tensor x = random_tensor(3, kWidth, 3);
  const auto of = [&] { return made.head.losses(x, next, made.item_head); };

  // The mean of -log softmax with weights 1, 1/2, 1/2.
  const at::Tensor logs = at::log_softmax(made.head.actions(x), 1);
  const double wanted =
      -(logs[0][2].item<double>() + 0.5 * logs[1][0].item<double>() +
        0.5 * logs[2][1].item<double>()) /
      2;
  EXPECT_NEAR(of().action.item<double>(), wanted, 1e-5);

  // A normal density of asinh(value) for the first and the last event.
  const at::Tensor v =
      made.head.values(x, next.actions, next.items.items, made.item_head);
  const auto cost = [&](int row, double value) {
    const double deviation = std::exp(v[row][1].item<double>());
    const double off =
        (std::asinh(value) - v[row][0].item<double>()) / deviation;
    return off * off / 2 + std::log(deviation * std::sqrt(2 * M_PI));
  };
  EXPECT_NEAR(of().value.item<double>(),
              (cost(0, 3.5) + 0.5 * cost(2, -40)) / 1.5, 1e-4);

  next.values = {kNone, kNone, kNone};
  EXPECT_EQ(of().value.item<double>(), 0);
}

// What is left when the layers say nothing of the row.
TEST(NextEvent, StartsFromHowFrequentThingsAre) {
  Head made;
  const at::NoGradGuard no_grad;
  const NextEvents next = three_events();
  for (const auto& p : made.parameters) {
    if (p->name.ends_with(".out.weight")) p->value.zero_();
  }
  made.head.start_from(next);
  const at::Tensor x = random_tensor(1, kWidth, 3);
  const at::Tensor action = at::softmax(made.head.actions(x), 1)[0],
                   gap = at::softmax(made.head.gaps(x, {1}), 1)[0];
  const double actions[] = {0.25, 0.25, 0.5};  // of weights 1/2, 1/2, 1
  for (int a = 0; a < 3; ++a) {
    EXPECT_NEAR(action[a].item<double>(), actions[a], 1e-3);
  }
  EXPECT_NEAR(gap[0].item<double>(), 0.5, 0.01);
  EXPECT_NEAR(gap[63].item<double>(), 0.25, 0.01);
  EXPECT_GT(gap[5].item<double>(), 0);  // never met, never impossible
  EXPECT_LT(gap[5].item<double>(), 1e-3);
  const at::Tensor value = made.head.values(x, {1}, {3}, made.item_head)[0];
  const double mean = (std::asinh(3.5) + 0.5 * std::asinh(-40.0)) / 1.5;
  EXPECT_NEAR(value[0].item<double>(), mean, 1e-4);
  const double square = (std::pow(std::asinh(3.5) - mean, 2) +
                         0.5 * std::pow(std::asinh(-40.0) - mean, 2)) /
                        1.5;
  EXPECT_NEAR(value[1].item<double>(), std::log(square) / 2, 1e-4);
}

}  // namespace
}  // namespace ensue::nn
