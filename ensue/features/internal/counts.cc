// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "ensue/features/internal/values.h"

namespace ensue::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// How many different numbers `of` gives; the places are in order of time.
template <class Of>
double changes(std::span<const std::uint32_t> places, const Of& of) {
  double out = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    out += i == 0 || of(places[i]) != of(places[i - 1]) ? 1 : 0;
  }
  return out;
}

double size(std::span<const std::uint32_t> places) {
  return static_cast<double>(places.size());
}

}  // namespace

double recency(const Past& past, const Resolved& r) {
  const auto places = past.places(r.action);
  return places.empty() ? kNaN : past.days_since(places.back());
}

double age(const Past& past, const Resolved& r) {
  const auto places = past.places(r.action);
  return places.empty() ? kNaN : past.days_since(places.front());
}

double count_events(const Past& past, const Resolved& r) {
  return size(past.within(r.action, r.definition.window_days));
}

double instants(const Past& past, const Resolved& r) {
  return changes(past.within(r.action, r.definition.window_days),
                 [&](std::size_t i) { return past.events().times[i]; });
}

double days_active(const Past& past, const Resolved& r) {
  return changes(past.within(r.action, r.definition.window_days),
                 [&](std::size_t i) { return day_of(past.events().times[i]); });
}

double pace(const Past& past, const Resolved& r) {
  return instants(past, r) / std::max(1.0, age(past, r));
}

double rate(const Past& past, const Resolved& r) {
  const double days = r.definition.window_days;
  const double all = size(past.within(r.action, days));
  return all == 0 ? kNaN : size(past.within(r.other, days)) / all;
}

double trend(const Past& past, const Resolved& r) {
  const double days = r.definition.window_days;
  const double now = size(past.within(r.action, days));
  const double earlier = size(past.between(r.action, 2 * days, days));
  return now + earlier == 0 ? kNaN : (now - earlier) / (now + earlier);
}

double year_ago(const Past& past, const Resolved& r) {
  const double end = std::max(0.0, 365 - r.definition.window_days);
  return size(end > 0 ? past.between(r.action, 365, end)
                      : past.within(r.action, 365));
}

}  // namespace ensue::features
