// SPDX-License-Identifier: Apache-2.0
// Rolling user cuts, for labels of users: at each as-of date one question per
// user with a history, about the `horizon_days` that follow. Dates stand one
// horizon apart and the last horizon ends with the log, so no label of one
// date reaches behind the next date: the last date is the test, the one before
// validation, labels of earlier dates may be learnt from.
#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/judge/instants.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::Log, events::Millis, events::UserId;

struct Span {
  std::int64_t first = 0, end = 0;  // ms, [first, end)
};

// Where the log's time ends: behind the last event, or behind the last day
// when the log knows days only.
Span span_of(const Log& log) {
  const auto times = log.columns().times;
  const auto [low, high] = std::minmax_element(times.begin(), times.end());
  const bool days = std::all_of(times.begin(), times.end(), [](Millis t) {
    return events::count(t) % events::kDayMs == 0;
  });
  return {events::count(*low),
          events::count(*high) + (days ? events::kDayMs : 1)};
}

std::vector<Millis> choose_dates(const Log& log, const SplitOptions& o) {
  if (!log.schema().has_clock) {
    invalid(
        "rolling-user split: the log has no clock, only an order; use by-user");
  }
  if (o.cuts < 1 || o.horizon_days < 1) {
    invalid("rolling-user split: cuts " + std::to_string(o.cuts) +
            ", horizon_days " + std::to_string(o.horizon_days) +
            ", expected at least 1 each");
  }
  const Span span = span_of(log);
  const std::int64_t step = o.horizon_days * events::kDayMs;
  if (span.end - o.cuts * step <= span.first) {
    invalid("rolling-user split: the log spans " +
            std::to_string((span.end - span.first) / events::kDayMs) +
            " days, " + std::to_string(o.cuts) + " cuts of " +
            std::to_string(o.horizon_days) +
            " days need more; lower cuts or horizon_days");
  }
  std::vector<Millis> dates;
  for (int back = o.cuts; back >= 1; --back) {
    dates.push_back(Millis{span.end - back * step});
  }
  return dates;
}

// Every user with a history at `date`; targets up to `end`.
std::vector<Query> questions(const Log& log, Millis date, Millis end) {
  std::vector<Query> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const std::uint32_t history = place_at(log, UserId{u}, date);
    if (history == 0) continue;
    out.push_back(
        {UserId{u}, history, {history, place_at(log, UserId{u}, end)}});
  }
  return out;
}

Split make(const Log& log, const SplitOptions& options) {
  Split split;
  split.kind = options.kind;
  split.dates = choose_dates(log, options);
  const Millis test = split.dates.back();
  split.test_cut = test;
  split.test = questions(log, test, Millis{span_of(log).end});
  if (split.dates.size() > 1) {
    split.validation_cut = split.dates[split.dates.size() - 2];
    split.validation = questions(log, *split.validation_cut, test);
  }
  const Millis first = split.validation_cut.value_or(test);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    split.train.push_back({0, place_at(log, UserId{u}, first)});
  }
  split.description =
      "rolling user cuts every " + std::to_string(options.horizon_days) +
      " days, training before " + show_instant(first) + ", test as of " +
      show_instant(test) + " (" + count_of(split.test) + ")";
  return split;
}

void check_part(const Log& log, const std::vector<Query>& queries, Millis date,
                std::optional<Millis> end, Violations& broken) {
  for (const Query& q : queries) {
    const auto times = log.history(q.user).times;
    const auto place = [&] { return where(log, q.user, q.history); };
    broken.require(q.history > 0,
                   "a question has at least one event of history", place);
    broken.require(q.history == place_at(log, q.user, date),
                   "a history is everything before its as-of date", place);
    broken.require(q.targets.begin == q.history,
                   "targets start at the as-of date", place);
    broken.require(
        q.targets.size() == 0 || !end || times[q.targets.end - 1] < *end,
        "no target reaches the next as-of date", place);
  }
}

void check(const Log& log, const Split& split, Violations& broken) {
  broken.require(!split.dates.empty() && split.test_cut == split.dates.back(),
                 "the last as-of date is the test's",
                 [] { return std::string("the split"); });
  if (!broken.empty()) return;
  const Millis first = split.validation_cut.value_or(*split.test_cut);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    broken.require(split.train[u].end <= place_at(log, UserId{u}, first),
                   "no training event stands at or after the cut", [&] {
                     return where(log, UserId{u}, split.train[u].end - 1);
                   });
  }
  if (split.validation_cut) {
    check_part(log, split.validation, *split.validation_cut, split.test_cut,
               broken);
  }
  check_part(log, split.test, *split.test_cut, std::nullopt, broken);
}

}  // namespace

SplitKind rolling_user_split() {
  return {"rolling-user", "as-of dates, one question per user and date", make,
          check};
}

}  // namespace ensue::judge
