// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/response.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

std::vector<std::size_t> by_effect(std::span<const double> effects) {
  std::vector<std::size_t> out(effects.size());
  std::iota(out.begin(), out.end(), 0);
  std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) {
    return effects[a] > effects[b];
  });
  return out;
}

struct Arm {
  double sum = 0, square = 0, count = 0;
  double mean() const { return sum / count; }
  double variance() const {  // of the mean
    const double spread = square / count - mean() * mean();
    return std::max(0.0, spread) / (count - 1);
  }
};

struct Measured {
  double effect, error;
};

Measured measure(const TestedCustomers& tested,
                 std::span<const std::size_t> places) {
  Arm arms[2];
  for (const std::size_t p : places) {
    Arm& arm = arms[tested.treated[p] != 0 ? 1 : 0];
    arm.sum += tested.outcomes[p];
    arm.square += tested.outcomes[p] * tested.outcomes[p];
    arm.count += 1;
  }
  if (arms[0].count < 2 || arms[1].count < 2) {
    invalid("response: fewer than two tested customers in an arm");
  }
  return {arms[1].mean() - arms[0].mean(),
          std::sqrt(arms[0].variance() + arms[1].variance())};
}

}  // namespace

BudgetPlan plan_budget(std::span<const double> effects, std::size_t most,
                       const TestedCustomers& tested) {
  if (tested.effects.size() != tested.outcomes.size() ||
      tested.effects.size() != tested.treated.size()) {
    invalid("response: " + std::to_string(tested.effects.size()) +
            " effects, " + std::to_string(tested.outcomes.size()) +
            " outcomes and " + std::to_string(tested.treated.size()) +
            " treatments");
  }
  BudgetPlan out;
  for (const std::size_t p : by_effect(effects)) {
    if (out.customers.size() == most || effects[p] < 0) break;
    out.customers.push_back(p);
  }
  if (out.customers.empty()) return out;
  const auto chosen = static_cast<double>(out.customers.size());
  const double share = chosen / static_cast<double>(effects.size());
  const auto order = by_effect(tested.effects);
  out.tested = static_cast<std::size_t>(
      std::ceil(share * static_cast<double>(order.size())));
  const Measured best = measure(tested, std::span(order).first(out.tested));
  out.gain = chosen * best.effect;
  out.low = chosen * (best.effect - 1.96 * best.error);
  out.high = chosen * (best.effect + 1.96 * best.error);
  out.random_gain = chosen * measure(tested, order).effect;
  return out;
}

}  // namespace ensue::tasks
