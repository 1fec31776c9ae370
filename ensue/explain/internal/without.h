// SPDX-License-Identifier: Apache-2.0
// Histories from which events have been taken.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "ensue/events/history.h"

namespace ensue::explain::internal {

/// A history's columns, owned.
struct Columns {
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> cells;
  std::size_t columns = 0;

  void add(const events::History& from, std::size_t i) {
    items.push_back(from.items[i]);
    actions.push_back(from.actions[i]);
    times.push_back(from.times[i]);
    values.push_back(from.values[i]);
    columns = from.context.columns;
    if (columns == 0) return;
    const auto row = from.context.row(i);
    cells.insert(cells.end(), row.begin(), row.end());
  }
  void set(std::size_t to, const events::History& from, std::size_t i) {
    items[to] = from.items[i];
    actions[to] = from.actions[i];
    times[to] = from.times[i];
    values[to] = from.values[i];
    if (columns > 0) {
      std::ranges::copy(from.context.row(i), cells.begin() + to * columns);
    }
  }
  events::History view() const noexcept {
    return {items, actions, times, values, events::rows_of(cells, columns)};
  }
};

/// A history with one event missing, a later one each time it is asked.
class Without {
 public:
  explicit Without(const events::History& all) : all_(all) {
    for (std::size_t i = 1; i < all.size(); ++i) rest_.add(all, i);
  }
  events::History event(std::size_t i) {
    for (; missing_ < i; ++missing_) rest_.set(missing_, all_, missing_);
    return rest_.view();
  }

 private:
  events::History all_;
  Columns rest_;
  std::size_t missing_ = 0;
};

/// A history without the events whose bit is set.
inline Columns without(const events::History& all,
                       const std::vector<bool>& gone) {
  Columns out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!gone[i]) out.add(all, i);
  }
  return out;
}

}  // namespace ensue::explain::internal
