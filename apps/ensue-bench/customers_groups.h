// SPDX-License-Identifier: Apache-2.0
// Groups and bots of a simulated shop, judged by what is true.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/classic/segments.h"
#include "ensue/events/log.h"
#include "ensue/simulate/shop.h"

namespace ensue::apps {

/// Who the customers of a shop are, and who they most likely are by Bayes' rule
/// from the same events. Bots belong to no group.
struct TrueGroups {
  explicit TrueGroups(const simulate::Shop& shop);

  std::vector<std::uint32_t> segment, taste, best_segment, best_taste;
  std::vector<bool> known;  // by number of the customer; bots are not

  /// Adjusted Rand index of groups that were found.
  double agreement(const classic::SegmentFit& fit, const events::Log& log,
                   const std::vector<std::uint32_t>& truth) const;
  /// … and of the likeliest groups.
  double ceiling(const std::vector<std::uint32_t>& best,
                 const std::vector<std::uint32_t>& truth) const;
};

/// When a shop's log ends.
events::Millis end_of(const simulate::Shop& shop);

/// Adjusted Rand indices; `best` ones are of the likeliest true group by Bayes'
/// rule from the same events.
struct GroupFigures {
  double taste = 0, best_taste = 0;      // groups by interests
  double segment = 0, best_segment = 0;  // groups by behaviour
  double segment_of_four = 0;            // had their number been told
  double groups = 0;                     // found by interests
};
GroupFigures judge_groups(const simulate::Shop& shop);

/// AUROC of the customers' oddness against the planted bots.
double judge_bots(const simulate::Shop& shop);

}  // namespace ensue::apps
