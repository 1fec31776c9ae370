// SPDX-License-Identifier: Apache-2.0
// What a user took before, and how long ago: the ground of repeat purchases.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "ensue/events/history.h"

namespace ensue::events {

/// How fast an old event fades, per instant; 1 never fades.
inline constexpr std::array<float, 3> kRepeatDecays = {1.0F, 0.9F, 0.6F};

/// The distinct items of a history by rising id, each with one number per
/// decay g:  log(1 + sum over its events of g^age).  The age of an event is
/// the number of later instants in the history: 0 within the newest one.
struct Repeats {
  using Numbers = std::array<float, kRepeatDecays.size()>;
  std::vector<ItemId> items;
  std::vector<Numbers> numbers;
};

/// Fills `out`, reusing its memory. `recent` is oldest first, without events
/// that have no item. Where order within an instant is real every event is an
/// instant of its own. O(n) for n events, O(d log d) for d distinct items.
void count_repeats(std::span<const Event> recent, bool order_within_instant,
                   Repeats& out);

}  // namespace ensue::events
