// SPDX-License-Identifier: Apache-2.0
// Where the targets of one question stand among all items.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ensue::metrics {

/// What happens when a target and other items have the same score.
enum class TieRule {
  kPessimistic,  // the target comes after every tied non-target
  kOptimistic,   // before them
  kMean,         // where it stands on average over all orders of the tie
};

/// "pessimistic", "optimistic", "mean".
std::string_view name_of(TieRule rule);
/// @throws Error(kInvalidArgument) listing the three names.
TieRule tie_rule(std::string_view name);

/// Ranks of the targets among the items that are not excluded; 1 is best.
///
/// Targets rank among each other too: with two targets on top the ranks are 1
/// and 2. Tied targets take different ranks: consecutive ones behind
/// (pessimistic) or before (optimistic) the other items of the tie; by the
/// mean rule the j-th of t targets in a tie of n items that starts after s
/// better ones gets s + j (n + 1) / (t + 1), the mean of the j-th smallest of
/// t random places. A NaN score counts as lower than every number, and NaNs
/// tie with each other.
///
/// Counts in blocks that stay in the first-level cache:
/// O(items * distinct target scores), without sorting the items.
///
/// @param scores    [items].
/// @param targets   Distinct places in `scores`.
/// @param excluded  Distinct places that are not ranked. A target among them
///                  is ranked all the same.
/// @return          [targets], rising: the rank of the best target first.
std::vector<double> ranks_of(std::span<const float> scores,
                             std::span<const std::uint32_t> targets,
                             std::span<const std::uint32_t> excluded = {},
                             TieRule rule = TieRule::kPessimistic);

}  // namespace ensue::metrics
