// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/describe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>

namespace ensue::data {
namespace {

using events::count;
using events::History;

constexpr std::size_t kSpans = 60;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0
                    : static_cast<double>(part) / static_cast<double>(whole);
}

template <class Body>
void each_history(const events::Log& log, Body&& body) {
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    body(log.history(events::UserId{u}));
  }
}

std::string length_label(std::size_t bucket) {
  const std::uint64_t high = 1ULL << bucket, low = high / 2 + 1;
  return low >= high ? std::to_string(high)
                     : std::to_string(low) + "-" + std::to_string(high);
}

void describe_lengths(const events::Log& log, Description& out) {
  std::vector<std::uint64_t> lengths, buckets;
  each_history(log, [&](const History& history) {
    const std::uint64_t n = history.size();
    lengths.push_back(n);
    const auto bucket =
        static_cast<std::size_t>(n <= 1 ? 0 : std::bit_width(n - 1));
    if (buckets.size() <= bucket) buckets.resize(bucket + 1);
    ++buckets[bucket];
  });
  for (std::size_t b = 0; b < buckets.size(); ++b) {
    out.lengths.emplace_back(length_label(b), buckets[b]);
  }
  if (lengths.empty()) return;
  std::sort(lengths.begin(), lengths.end());
  out.median_length = lengths[lengths.size() / 2];
  out.longest = lengths.back();
  out.mean_length = ratio(out.events, out.users);
  out.one_event = ratio(buckets.empty() ? 0 : buckets[0], out.users);
}

void describe_actions(const events::Log& log, Description& out) {
  std::vector<std::uint64_t> counts(log.action_names().size());
  for (const events::ActionId action : log.columns().actions) {
    ++counts[index(action)];
  }
  for (std::size_t a = 0; a < counts.size(); ++a) {
    out.actions.emplace_back(std::string(log.action_names().name(a)),
                             counts[a]);
  }
  std::stable_sort(
      out.actions.begin(), out.actions.end(),
      [](const Bar& a, const Bar& b) { return a.second > b.second; });
}

std::vector<std::uint64_t> item_counts(const events::Log& log) {
  std::vector<std::uint64_t> counts(log.items());
  for (const events::ItemId item : log.columns().items) {
    if (item != events::kNoItem) ++counts[index(item)];
  }
  return counts;
}

void describe_popularity(std::vector<std::uint64_t> counts, Description& out) {
  if (counts.empty()) return;
  std::sort(counts.begin(), counts.end(), std::greater<>());
  const std::uint64_t all =
      std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  std::uint64_t sum = 0;
  std::size_t taken = 0;
  for (std::size_t step = 0; step <= 20; ++step) {
    const std::size_t until = (counts.size() * step + 19) / 20;
    for (; taken < until; ++taken) sum += counts[taken];
    out.popularity.push_back(ratio(sum, all));
  }
}

void describe_gaps(const events::Log& log, Description& out) {
  constexpr std::array<std::pair<const char*, std::int64_t>, 8> kLimits = {{
      {"same instant", 0},
      {"to 1 minute", 60'000},
      {"to 30 minutes", 1'800'000},
      {"to 1 day", events::kDayMs},
      {"to 1 week", 7 * events::kDayMs},
      {"to 30 days", 30 * events::kDayMs},
      {"to 1 year", 365 * events::kDayMs},
      {"longer", std::numeric_limits<std::int64_t>::max()},
  }};
  std::array<std::uint64_t, kLimits.size()> counts{};
  std::uint64_t tied = 0;
  each_history(log, [&](const History& history) {
    for (std::size_t i = 0; i < history.size(); ++i) {
      const bool with_last = i > 0 && history.times[i] == history.times[i - 1];
      const bool with_next =
          i + 1 < history.size() && history.times[i] == history.times[i + 1];
      tied += with_last || with_next;
      if (i == 0) continue;
      const std::int64_t gap =
          count(history.times[i]) - count(history.times[i - 1]);
      std::size_t bucket = 0;
      while (gap > kLimits[bucket].second) ++bucket;
      ++counts[bucket];
    }
  });
  out.ties = ratio(tied, out.events);
  for (std::size_t b = 0; b < kLimits.size() && out.has_clock; ++b) {
    out.gaps.emplace_back(kLimits[b].first, counts[b]);
  }
}

void describe_time(const events::Log& log, Description& out) {
  const auto times = log.columns().times;
  if (!out.has_clock || times.empty()) return;
  const auto [low, high] = std::minmax_element(times.begin(), times.end());
  out.first = *low, out.last = *high;
  out.over_time.assign(kSpans, 0);
  const double range = static_cast<double>(count(*high) - count(*low)) + 1;
  for (const events::Millis time : times) {
    const double place = static_cast<double>(count(time) - count(*low)) / range;
    ++out.over_time[static_cast<std::size_t>(place * kSpans)];
  }
}

void warn_about_time(const events::Log& log, Description& out) {
  const auto times = log.columns().times;
  if (!out.has_clock) {
    out.warnings.emplace_back(
        "no clock: nothing can be split or forecast by time");
    return;
  }
  if (out.first == out.last) {
    out.warnings.emplace_back(
        "the clock stands still: every event has the same time");
    return;
  }
  const bool days = std::all_of(times.begin(), times.end(), [](auto time) {
    return count(time) % events::kDayMs == 0;
  });
  if (days) {
    out.warnings.emplace_back(
        "the clock only counts days: events of one day have no order of "
        "their own");
  }
  if (out.ties > 0.05 && !log.schema().order_within_instant) {
    out.warnings.push_back(percent(out.ties) +
                           " of the events share their time with another event "
                           "of the same user: they are judged as baskets");
  }
  const auto silent =
      std::count(out.over_time.begin(), out.over_time.end(), 0U);
  if (silent > static_cast<std::ptrdiff_t>(kSpans / 5)) {
    out.warnings.push_back("nothing happens in " + std::to_string(silent) +
                           " of 60 equal spans of the time range: is the log "
                           "whole, and every date right?");
  }
}

void warn(const events::Log& log, const std::vector<std::uint64_t>& items,
          Description& out) {
  warn_about_time(log, out);
  if (out.items == 0) {
    out.warnings.emplace_back(
        "no items: next-item models have nothing to learn");
  } else if (out.items == 1) {
    out.warnings.emplace_back("one item only: every answer is the same");
  }
  if (out.one_event > 0.2) {
    out.warnings.push_back(percent(out.one_event) +
                           " of the users have one event: nothing to learn a "
                           "next one from");
  }
  if (out.longest * 10 > out.events && out.users > 10) {
    out.warnings.push_back("one user has " + std::to_string(out.longest) +
                           " of the events: a bot, or a shared account?");
  }
  const auto once =
      static_cast<std::uint64_t>(std::count(items.begin(), items.end(), 1U));
  if (2 * once > out.items && out.items > 1) {
    out.warnings.push_back(percent(ratio(once, out.items)) +
                           " of the items stand in one event only");
  }
  if (out.events < 1000) {
    out.warnings.push_back("only " + std::to_string(out.events) +
                           " events: figures will be rough");
  }
}

}  // namespace

Description describe(const events::Log& log) {
  Description out;
  out.events = log.size();
  out.users = log.users();
  out.items = log.items();
  out.has_clock = log.schema().has_clock;
  const std::vector<std::uint64_t> items = item_counts(log);
  describe_actions(log, out);
  describe_lengths(log, out);
  describe_popularity(items, out);
  describe_time(log, out);
  describe_gaps(log, out);
  warn(log, items, out);
  return out;
}

}  // namespace ensue::data
