// SPDX-License-Identifier: Apache-2.0
// Which past events moved an item's score.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/runtime/engine.h"

namespace ensue::explain {

/// What a model says of one item. A logit stands among those of the same
/// history; the log-probability among all items can be compared between
/// histories.
struct Score {
  double logit = 0, log_probability = 0;

  bool operator==(const Score&) const = default;
};
Score operator-(const Score& a, const Score& b) noexcept;
Score& operator+=(Score& a, const Score& b) noexcept;

enum class Scale { kLogit, kLogProbability };

/// What one event did to one item's score.
struct Effect {
  std::size_t event = 0;  // place in the history
  Score moved = {};       // score after all events - score without this one
};

/// One item's score, event by event.
struct Explanation {
  events::ItemId item = events::kNoItem;
  Score after_all, after_none;  // the history as it is; no history at all
  /// Of the events looked at, strongest first; equally strong ones, the later
  /// first. Those that the model does not know (kNoItem) have none: 0.
  std::vector<Effect> effects = {};
  /// after_all - after_none - the sum of all effects: what events do together
  /// or instead of each other, and what those that were not looked at do.
  Score together = {};
  std::size_t not_looked_at = 0;  // earlier events, beyond max_events
};

struct LeaveOneOutOptions {
  std::size_t max_events = 200;  // the latest that many are looked at
  Scale strongest = Scale::kLogit;
};

/// For each of `items` what each event of `history` did to its score: the
/// history is encoded anew without that event, so an effect is exact, of the
/// bits that Engine::encode() and score() give. An event that the model no
/// longer reads has effect 0; where windows are cut by counting events, to
/// leave an early one out may move the cut, and that is its effect.
///
/// Cost: at most max_events + 2 encodings and scorings of all items, whatever
/// the number of `items`. Latest events are stepped over from the state before
/// them; those at the front that leave the same rest are one encoding, and so
/// are equal events in a row. One thread.
/// @param history  Ids of the engine's artifact; may be empty.
/// @throws Error(kInvalidArgument) for an item that the engine does not know,
///   and what Engine::encode() throws.
std::vector<Explanation> leave_one_out(const runtime::Engine& engine,
                                       const events::History& history,
                                       std::span<const events::ItemId> items,
                                       const LeaveOneOutOptions& options = {});
/// The same for one item.
Explanation leave_one_out(const runtime::Engine& engine,
                          const events::History& history, events::ItemId item,
                          const LeaveOneOutOptions& options = {});

}  // namespace ensue::explain
