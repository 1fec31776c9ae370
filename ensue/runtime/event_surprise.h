// SPDX-License-Identifier: Apache-2.0
// How unexpected each event is, after what came before it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "ensue/events/history.h"

namespace ensue::runtime {

/// In nats, each at least 0; NaN: not asked (no item, no clock).
struct EventSurprise {
  double time = 0;    // of the gap since the event before
  double action = 0;  // after the action before
  double item = 0;    // among all items
};
inline constexpr std::array<std::string_view, 3> kSurprises = {
    "surprise_time", "surprise_action", "surprise_item"};

/// Gaps in steps of a factor of about 1.4, from a second to years.
inline constexpr std::size_t kGapBins = 64;
std::size_t gap_bin(std::int64_t gap_ms) noexcept;

/// Log-probabilities, all finite and at most 0. A view.
struct EventRates {
  std::size_t actions = 0;
  std::span<const double> action;  // [actions + 1, actions]; last row: first
  std::span<const double> gap;     // [actions, kGapBins], of the action before
  std::span<const double> item;    // [items]
  bool clock = true;

  /// @throws Error(kCorrupt) when sizes or values are others.
  void check() const;
};

/// One per event, O(1) each. Unknown actions and items are the least likely.
std::vector<EventSurprise> surprises(const EventRates& rates,
                                     const events::History& history);

/// Means over the events that were asked; NaN where none was.
EventSurprise mean_surprise(std::span<const EventSurprise> events);

}  // namespace ensue::runtime
