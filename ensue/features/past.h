// SPDX-License-Identifier: Apache-2.0
// What a user did before an instant, laid out so that features are quick.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/events/history.h"

namespace ensue::features {

/// A session ends where this long nothing happens.
inline constexpr std::int64_t kSessionGapMs = 30 * 60 * 1000;

/// An action of a definition among those of a log.
struct ActionRef {
  enum class Is : std::uint8_t { kAny, kOne, kNone } is = Is::kAny;
  events::ActionId id{0};  // of kOne; kNone: the log does not know the action
};

/// Whole days since 1970 UTC, and the place in the week, Monday being 0; also
/// of times before 1970.
inline constexpr std::int64_t kDayShift = 7'000'000;
constexpr std::int64_t day_of(events::Millis time) noexcept {
  return (count(time) + kDayShift * events::kDayMs) / events::kDayMs -
         kDayShift;
}
constexpr int weekday_of(events::Millis time) noexcept {
  return static_cast<int>((day_of(time) + kDayShift + 3) % 7);
}
constexpr int hour_of(events::Millis time) noexcept {
  return static_cast<int>((count(time) + kDayShift * events::kDayMs) %
                          events::kDayMs / events::kHourMs);
}

/// The events of `history` strictly before `at`, and where those of each action
/// stand. O(events) to make. A view of the history.
class Past {
 public:
  Past(const events::History& history, events::Millis at, std::size_t actions);

  events::Millis at() const noexcept { return at_; }
  const events::History& events() const noexcept { return events_; }

  /// Places of the events of an action, rising.
  std::span<const std::uint32_t> places(ActionRef action) const noexcept;
  /// Those of [at - days, at); all for 0 days.
  std::span<const std::uint32_t> within(ActionRef action,
                                        double days) const noexcept;
  /// Those of [at - from, at - to).
  std::span<const std::uint32_t> between(ActionRef action, double from,
                                         double to) const noexcept;
  /// Days from the event to `at`.
  double days_since(std::size_t place) const noexcept;
  /// Whether nothing happened for long before the event.
  bool starts_session(std::size_t place) const noexcept;
  /// Where the session begins that is still open at `at`, when the next event
  /// would belong to it; all events when there is none.
  std::size_t open_from() const noexcept;

 private:
  std::size_t first_since(std::span<const std::uint32_t> places,
                          double days) const noexcept;

  events::Millis at_;
  events::History events_;
  std::vector<std::uint32_t> all_;
  std::vector<std::vector<std::uint32_t>> by_action_;
};

}  // namespace ensue::features
