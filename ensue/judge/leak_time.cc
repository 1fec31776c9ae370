// SPDX-License-Identifier: Apache-2.0
// Events on the wrong side of a cut: from the future, or tied across it.
#include <algorithm>

#include "ensue/judge/internal/leak_checks.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::Log, events::Millis, events::UserId;

std::optional<Millis> time_of(const Log& log, const Query& query) {
  if (query.targets.size() == 0) return std::nullopt;
  return log.history(query.user).times[query.targets.begin];
}

std::optional<Millis> first_target(const Log& log,
                                   const std::vector<Query>& queries) {
  std::optional<Millis> first;
  for (const Query& q : queries) {
    const auto time = time_of(log, q);
    if (time && (!first || *time < *first)) first = time;
  }
  return first;
}

std::string at(const Log& log, UserId user, std::uint32_t place) {
  return where(log, user, place) + " at " +
         show_time(log, log.history(user).times[place]);
}

// Training events at or behind the cut. One that shares the first target's
// instant is a tie, which is another kind.
void behind_cut(const Suspect& s, Cases& cases) {
  const auto cut = first_cut(s.split);
  if (!cut) return;
  const auto& first_part =
      s.split.validation_cut ? s.split.validation : s.split.test;
  const auto tied = first_target(s.log, first_part);
  for (std::uint32_t u = 0; u < s.split.train.size(); ++u) {
    const Range range = s.split.train[u];
    const auto times = s.log.history(UserId{u}).times;
    for (std::uint32_t i = range.end; i > range.begin; --i) {
      if (times[i - 1] < *cut) break;
      if (tied && times[i - 1] == *tied) continue;
      cases.add([&] {
        return at(s.log, UserId{u}, i - 1) + ", the cut is " +
               show_time(s.log, *cut);
      });
    }
  }
}

// Training events of a user at or after the user's first target.
void behind_targets(const Suspect& s, Cases& cases) {
  for (const auto* queries : {&s.split.validation, &s.split.test}) {
    std::optional<UserId> last;
    for (const Query& q : *queries) {
      if (last == q.user || q.targets.size() == 0) continue;
      last = q.user;
      const Range range = s.split.train[events::index(q.user)];
      if (range.size() == 0 || range.end <= q.targets.begin) continue;
      cases.add([&] {
        return "training of " + where(s.log, q.user, range.end - 1) +
               " while event " + std::to_string(q.targets.begin) +
               " is a target";
      });
    }
  }
}

// A history that goes beyond the targets, or shares a basket's instant.
void in_history(const Suspect& s, Cases& cases) {
  // Leave-one-out takes the order of the log within an instant as it is.
  const bool strict = has_baskets(s.log) && s.split.kind != "leave-one-out";
  for (const auto* queries : {&s.split.validation, &s.split.test}) {
    for (const Query& q : *queries) {
      if (q.targets.size() == 0 || q.history == 0) continue;
      const auto times = s.log.history(q.user).times;
      const bool same = strict && q.history <= q.targets.begin &&
                        times[q.history - 1] == times[q.targets.begin];
      if (q.history <= q.targets.end && !same) continue;
      cases.add([&] {
        return "the history of " + at(s.log, q.user, q.targets.begin) +
               " reaches " + at(s.log, q.user, q.history - 1);
      });
    }
  }
}

std::optional<Millis> last_target(const Log& log,
                                  const std::vector<Query>& queries) {
  std::optional<Millis> last;
  for (const Query& q : queries) {
    const auto time = time_of(log, q);
    if (time && (!last || *time > *last)) last = time;
  }
  return last;
}

// Training events at the very instant of the first target behind them.
void tie_with_training(const Suspect& s, const std::vector<Query>& queries,
                       Cases& cases) {
  const auto instant = first_target(s.log, queries);
  if (!instant) return;
  for (std::uint32_t u = 0; u < s.split.train.size(); ++u) {
    const Range range = s.split.train[u];
    const auto times = s.log.history(UserId{u}).times;
    for (std::uint32_t i = range.end; i > range.begin; --i) {
      if (times[i - 1] < *instant) break;
      if (times[i - 1] != *instant) continue;
      cases.add([&] {
        return at(s.log, UserId{u}, i - 1) +
               " is training, and a target has the same instant";
      });
    }
  }
}

}  // namespace

std::optional<Leak> future_event(const Suspect& suspect) {
  Cases cases;
  behind_cut(suspect, cases);
  behind_targets(suspect, cases);
  in_history(suspect, cases);
  return cases.leak("future-event", cases.count() == 1
                                        ? "event from the future"
                                        : "events from the future");
}

std::optional<Leak> tie_across_cut(const Suspect& suspect) {
  if (!first_cut(suspect.split)) return std::nullopt;
  Cases cases;
  tie_with_training(suspect,
                    suspect.split.validation_cut ? suspect.split.validation
                                                 : suspect.split.test,
                    cases);
  const auto last = last_target(suspect.log, suspect.split.validation),
             first = first_target(suspect.log, suspect.split.test);
  if (last && first && *last >= *first) {
    cases.add([&] {
      return "validation asks for " + show_time(suspect.log, *last) +
             ", test from " + show_time(suspect.log, *first) + " on";
    });
  }
  return cases.leak("tie-across-cut", "cases of one instant on both sides");
}

}  // namespace ensue::judge
