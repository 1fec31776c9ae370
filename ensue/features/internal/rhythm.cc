// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "ensue/features/internal/values.h"

namespace ensue::features {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Days between neighbouring instants.
struct Gaps {
  double n = 0, sum = 0, squares = 0;  // squares: around the mean

  Gaps(const Past& past, ActionRef action) {
    const auto times = past.events().times;
    const auto places = past.places(action);
    for (std::size_t i = 1; i < places.size(); ++i) {
      const auto gap = static_cast<double>(count(times[places[i]]) -
                                           count(times[places[i - 1]]));
      if (gap > 0) add(gap / static_cast<double>(events::kDayMs));
    }
  }
  double mean() const { return n == 0 ? kNaN : sum / n; }

 private:
  void add(double gap) {  // Welford 1962
    const double before = n == 0 ? 0 : sum / n;
    n += 1;
    sum += gap;
    squares += (gap - before) * (gap - sum / n);
  }
};

// Seconds to the next event of the user when it is of the same session.
std::optional<double> stayed(const Past& past, std::size_t i) {
  const auto times = past.events().times;
  if (i + 1 >= times.size()) return std::nullopt;
  const std::int64_t gap = count(times[i + 1]) - count(times[i]);
  if (gap > kSessionGapMs) return std::nullopt;
  return static_cast<double>(gap) / 1000;
}

struct Dwell {
  double n = 0, seconds = 0;
};
Dwell dwell_of(const Past& past, const Resolved& r) {
  Dwell out;
  for (const auto i : past.within(r.action, r.definition.window_days)) {
    if (const auto seconds = stayed(past, i)) {
      out.n += 1;
      out.seconds += *seconds;
    }
  }
  return out;
}

// Share of the events whose number stands in [low, high).
template <class Of>
double share_inside(const Past& past, const Resolved& r, const Of& of) {
  const auto places = past.within(r.action, r.definition.window_days);
  double hits = 0;
  for (const auto i : places) {
    const int number = of(past.events().times[i]);
    hits += number >= r.definition.low && number < r.definition.high ? 1 : 0;
  }
  return places.empty() ? kNaN : hits / static_cast<double>(places.size());
}

}  // namespace

double gap_mean(const Past& past, const Resolved& r) {
  return Gaps(past, r.action).mean();
}

double gap_deviation(const Past& past, const Resolved& r) {
  const Gaps gaps(past, r.action);
  return gaps.n < 2 ? kNaN : std::sqrt(std::max(0.0, gaps.squares / gaps.n));
}

double overdue(const Past& past, const Resolved& r) {
  return recency(past, r) / Gaps(past, r.action).mean();
}

double sessions(const Past& past, const Resolved& r) {
  double out = 0;
  for (const auto i : past.within({}, r.definition.window_days)) {
    out += past.starts_session(i) ? 1 : 0;
  }
  return out;
}

double session_events(const Past& past, const Resolved& r) {
  const double began = sessions(past, r);
  return began == 0 ? kNaN : count_events(past, r) / began;
}

double dwell(const Past& past, const Resolved& r) {
  return dwell_of(past, r).seconds;
}

double mean_dwell(const Past& past, const Resolved& r) {
  const Dwell all = dwell_of(past, r);
  return all.n == 0 ? kNaN : all.seconds / all.n;
}

double hours(const Past& past, const Resolved& r) {
  return share_inside(past, r, hour_of);
}

double weekdays(const Past& past, const Resolved& r) {
  return share_inside(past, r, weekday_of);
}

double calendar(const Past& past, const Resolved& r) {
  const std::string& part = r.definition.column;
  if (part == "hour") return hour_of(past.at());
  if (part == "weekday") return weekday_of(past.at());
  const std::chrono::sys_days day{std::chrono::days(day_of(past.at()))};
  const std::chrono::year_month_day date(day);
  if (part == "month") return static_cast<unsigned>(date.month());
  const std::chrono::sys_days first = date.year() / 1 / 1;
  return static_cast<double>((day - first).count() + 1);
}

}  // namespace ensue::features
