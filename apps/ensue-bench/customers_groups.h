// SPDX-License-Identifier: Apache-2.0
// Groups and bots of a simulated shop, judged by what is true.
#pragma once

#include "ensue/simulate/shop.h"

namespace ensue::apps {

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
