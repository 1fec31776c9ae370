// SPDX-License-Identifier: Apache-2.0
// Whom does a campaign change, and what is a budget worth?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::tasks {

/// A randomised test whose customers a model has not learnt from.
struct TestedCustomers {
  std::span<const double> effects;  // predicted
  std::span<const double> outcomes;
  std::span<const std::uint8_t> treated;
};

struct BudgetPlan {
  std::vector<std::size_t> customers;  // places, the largest effect first
  /// Outcomes gained by writing to them rather than to nobody, with a normal
  /// interval of 95 %: the difference of the arms' means among the tested
  /// customers that the same rule would choose, times their number.
  double gain = 0, low = 0, high = 0;
  double random_gain = 0;  // by writing to as many at random
  std::size_t tested = 0;  // customers that say so
};

/// The `most` customers with the largest predicted effect, those below 0 left
/// out; ties by place. The tested customers chosen are as large a share.
/// @throws Error(kInvalidArgument) when sizes differ or when an arm among the
///   tested ones has fewer than two customers.
BudgetPlan plan_budget(std::span<const double> effects, std::size_t most,
                       const TestedCustomers& tested);

}  // namespace ensue::tasks
