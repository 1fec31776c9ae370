// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/behaviour.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "ensue/base/threads.h"

namespace ensue::runtime {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t kSessionMs = 30 * 60 * 1000;
constexpr double kMonth = 30.4, kShortestAge = 7;

double days(events::Millis from, events::Millis to) {
  return static_cast<double>(events::count(to) - events::count(from)) /
         static_cast<double>(events::kDayMs);
}

double median(std::vector<double>& values) {
  if (values.empty()) return kNothing;
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double distinct_items(const events::History& history, double& with_item) {
  std::vector<events::ItemId> items;
  for (const auto item : history.items) {
    if (item != events::kNoItem) items.push_back(item);
  }
  with_item = static_cast<double>(items.size());
  std::ranges::sort(items);
  return static_cast<double>(std::ranges::unique(items).begin() -
                             items.begin());
}

const std::vector<std::string> kTimed = {
    "recency_days",       "age_days",    "sessions",   "sessions_per_month",
    "events_per_session", "gap_seconds", "night_share"};
const std::vector<std::string> kPlain = {"events",    "items", "new_item_share",
                                         "purchases", "spend", "price"};

}  // namespace

Behaviour::Behaviour(const events::Vocabulary& actions, bool clock,
                     const std::string& buying)
    : names_(kPlain), actions_(actions.size()), clock_(clock) {
  for (std::size_t a = 0; a < actions_; ++a) {
    names_.push_back("share_" + std::string(actions.name(a)));
  }
  if (clock_) names_.insert(names_.end(), kTimed.begin(), kTimed.end());
  const auto found = actions.find(buying);
  buying_ = found ? *found : actions_ == 1 ? 0 : actions_;
}

void Behaviour::measure(const events::History& history, events::Millis now,
                        std::span<double> out) const {
  assert(out.size() == names_.size());
  std::ranges::fill(out, kNothing);
  const std::size_t n = history.size();
  double bought = 0, spend = 0, value = 0, valued = 0, with_item = 0;
  std::vector<double> done(actions_, 0);
  for (std::size_t e = 0; e < n; ++e) {
    const std::size_t action = events::index(history.actions[e]);
    const double worth = history.values[e];
    if (action < actions_) done[action] += 1;
    if (action == buying_) bought += 1;
    if (std::isnan(worth)) continue;
    value += worth;
    valued += 1;
    if (action == buying_) spend += worth;
  }
  out[0] = static_cast<double>(n);
  out[1] = distinct_items(history, with_item);
  if (with_item > 0) out[2] = out[1] / with_item;
  out[3] = bought;
  out[4] = spend;
  if (valued > 0) out[5] = value / valued;
  for (std::size_t a = 0; a < actions_ && n > 0; ++a) {
    out[kPlain.size() + a] = done[a] / static_cast<double>(n);
  }
  if (clock_ && n > 0) {
    measure_times(history, now, &out[kPlain.size() + actions_]);
  }
}

void Behaviour::measure_times(const events::History& history,
                              events::Millis now, double* out) const {
  const std::size_t n = history.size();
  double sessions = 1, night = 0;
  std::vector<double> gaps;
  for (std::size_t e = 0; e < n; ++e) {
    const std::int64_t time = events::count(history.times[e]);
    const std::int64_t of_day =
        (time % events::kDayMs + events::kDayMs) % events::kDayMs;
    if (of_day < 6 * events::kHourMs) night += 1;
    if (e == 0) continue;
    const std::int64_t gap = time - events::count(history.times[e - 1]);
    if (gap > kSessionMs) {
      sessions += 1;
    } else {
      gaps.push_back(static_cast<double>(gap) / 1000);
    }
  }
  const double age = days(history.times.front(), now);
  out[0] = days(history.times.back(), now);
  out[1] = age;
  out[2] = sessions;
  out[3] = sessions / std::max(age, kShortestAge) * kMonth;
  out[4] = static_cast<double>(n) / sessions;
  out[5] = median(gaps);
  out[6] = night / static_cast<double>(n);
}

events::Table Behaviour::table(std::span<const events::History> histories,
                               events::Millis now) const {
  std::vector<std::vector<double>> columns(
      names_.size(), std::vector<double>(histories.size()));
  parallel_for(histories.size(), 64, [&](std::size_t begin, std::size_t end) {
    std::vector<double> row(names_.size());
    for (std::size_t u = begin; u < end; ++u) {
      measure(histories[u], now, row);
      for (std::size_t c = 0; c < row.size(); ++c) columns[c][u] = row[c];
    }
  });
  events::Table out;
  for (std::size_t c = 0; c < names_.size(); ++c) {
    out.columns.push_back({names_[c], std::move(columns[c])});
  }
  return out;
}

}  // namespace ensue::runtime
