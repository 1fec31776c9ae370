// SPDX-License-Identifier: Apache-2.0
// What followed each action, counted: what a next_event head is blended with.
#pragma once

#include <optional>
#include <vector>

#include "ensue/base/json.h"

namespace ensue::artifact {

/// A Markov chain of actions and of the times between them, and how much of it
/// an answer holds beside the head's own.
struct ActionCounts {
  /// Shares of the counts in the answer, 0 to 1: of actions, of times.
  double share = 0, gap_share = 0;
  std::vector<std::vector<double>> actions;  // [last action][next], shares
  std::vector<std::vector<double>> gaps;     // [last action][kGapBuckets]
};

/// For Description::training. An absent one is not in there.
void write_action_counts(const ActionCounts& counts, JsonObject& training);
/// @param actions  how many the model knows.
/// @throws Error(kCorrupt) when what is there does not fit.
std::optional<ActionCounts> read_action_counts(const JsonObject& training,
                                               std::size_t actions);

}  // namespace ensue::artifact
