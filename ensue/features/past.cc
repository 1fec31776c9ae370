// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/past.h"

#include <algorithm>
#include <numeric>

namespace ensue::features {
namespace {

events::History before(const events::History& history, events::Millis at) {
  const auto end =
      std::lower_bound(history.times.begin(), history.times.end(), at);
  return history.first(static_cast<std::size_t>(end - history.times.begin()));
}

}  // namespace

Past::Past(const events::History& history, events::Millis at,
           std::size_t actions)
    : at_(at),
      events_(before(history, at)),
      all_(events_.size()),
      by_action_(actions) {
  std::iota(all_.begin(), all_.end(), 0U);
  for (const std::uint32_t i : all_) {
    const std::size_t action = index(events_.actions[i]);
    if (action < actions) by_action_[action].push_back(i);
  }
}

std::span<const std::uint32_t> Past::places(ActionRef action) const noexcept {
  if (action.is == ActionRef::Is::kAny) return all_;
  if (action.is == ActionRef::Is::kNone) return {};
  return by_action_[index(action.id)];
}

std::size_t Past::first_since(std::span<const std::uint32_t> places,
                              double days) const noexcept {
  const auto back = static_cast<std::int64_t>(days * events::kDayMs);
  const auto it =
      std::partition_point(places.begin(), places.end(), [&](std::uint32_t i) {
        return count(at_) - count(events_.times[i]) > back;
      });
  return static_cast<std::size_t>(it - places.begin());
}

std::span<const std::uint32_t> Past::within(ActionRef action,
                                            double days) const noexcept {
  const auto all = places(action);
  return days > 0 ? all.subspan(first_since(all, days)) : all;
}

std::span<const std::uint32_t> Past::between(ActionRef action, double from,
                                             double to) const noexcept {
  const auto all = places(action);
  const std::size_t begin = first_since(all, from), end = first_since(all, to);
  return all.subspan(begin, end - begin);
}

double Past::days_since(std::size_t place) const noexcept {
  return static_cast<double>(count(at_) - count(events_.times[place])) /
         static_cast<double>(events::kDayMs);
}

bool Past::starts_session(std::size_t place) const noexcept {
  return place == 0 ||
         count(events_.times[place]) - count(events_.times[place - 1]) >
             kSessionGapMs;
}

std::size_t Past::open_from() const noexcept {
  std::size_t place = events_.size();
  if (place == 0 ||
      count(at_) - count(events_.times[place - 1]) > kSessionGapMs) {
    return place;
  }
  while (!starts_session(--place)) {
  }
  return place;
}

}  // namespace ensue::features
