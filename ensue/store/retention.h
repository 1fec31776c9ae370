// SPDX-License-Identifier: Apache-2.0
// Which events of a record stay.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "ensue/events/ids.h"

namespace ensue::store {

/// The moment `days` before `now`; the earliest there is when that is before.
constexpr std::int64_t days_before(std::int64_t now, std::int64_t days) {
  constexpr std::int64_t first = std::numeric_limits<std::int64_t>::min();
  return days / 2 >= (now / 2 - first / 2) / events::kDayMs
             ? first
             : now - days * events::kDayMs;
}

/// Whether a record of `size` events is to be cut: see Retention.
constexpr bool too_long(std::size_t size, std::size_t limit) noexcept {
  return limit > 0 && size > limit + limit / 4;
}

/// Keeps the `limit` latest entries by time, of equal times the last ones,
/// in the order in which they stand. O(n).
/// @param time_of  the time of an entry, anything with <.
template <class Entry, class TimeOf>
void cut_to(std::vector<Entry>& record, std::size_t limit, TimeOf time_of) {
  if (record.size() <= limit) return;
  using Place = std::pair<decltype(time_of(record[0])), std::size_t>;
  std::vector<Place> places;
  places.reserve(record.size());
  for (std::size_t i = 0; i < record.size(); ++i) {
    places.emplace_back(time_of(record[i]), i);
  }
  const std::size_t gone = record.size() - limit;
  std::nth_element(places.begin(),
                   places.begin() + static_cast<std::ptrdiff_t>(gone),
                   places.end());
  const Place first = places[gone];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (Place(time_of(record[i]), i) < first) continue;
    if (kept != i) record[kept] = std::move(record[i]);
    ++kept;
  }
  record.erase(record.begin() + static_cast<std::ptrdiff_t>(kept),
               record.end());
}

/// One more event at the end of a record, which is cut when it is too long.
template <class Entry, class TimeOf>
void admit(std::vector<Entry>& record, Entry entry, std::size_t limit,
           TimeOf time_of) {
  record.push_back(std::move(entry));
  if (too_long(record.size(), limit)) cut_to(record, limit, time_of);
}

}  // namespace ensue::store
