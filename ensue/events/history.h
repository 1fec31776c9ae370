// SPDX-License-Identifier: Apache-2.0
// One event, and the events of one user in order.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include "ensue/events/context.h"
#include "ensue/events/ids.h"

namespace ensue::events {

struct Event {
  ItemId item = kNoItem;
  ActionId action{0};
  Millis time{0};
  float value = std::numeric_limits<float>::quiet_NaN();  // NaN: none
};

/// The events of one user, oldest first, as parallel columns. A view: as
/// cheap to copy as ten words; the log it came from must outlive it.
struct History {
  std::span<const ItemId> items;
  std::span<const ActionId> actions;
  std::span<const Millis> times;  // never falling
  std::span<const float> values;
  ContextRows context = {};  // of named columns; may have none

  std::size_t size() const noexcept { return items.size(); }
  bool empty() const noexcept { return items.empty(); }
  Event operator[](std::size_t i) const noexcept {
    return {items[i], actions[i], times[i], values[i]};
  }
  /// Events [begin, end).
  History slice(std::size_t begin, std::size_t end) const noexcept {
    const std::size_t n = end - begin;
    return {items.subspan(begin, n), actions.subspan(begin, n),
            times.subspan(begin, n), values.subspan(begin, n),
            context.from(begin)};
  }
  History first(std::size_t n) const noexcept { return slice(0, n); }
  History last(std::size_t n) const noexcept {
    return slice(size() - n, size());
  }
};

}  // namespace ensue::events
