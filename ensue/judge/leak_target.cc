// SPDX-License-Identifier: Apache-2.0
// A target among its own inputs. Beside the very same event, a log that was
// written twice repeats it a moment later; people do that too, but rarely. So
// a repetition (same item, action and value) counts when it comes within a
// thousandth of the users' mean gap, and when many questions have one: more
// than 1 in 1000 for repetitions within a millisecond, which no hand makes,
// more than 1 in 100 for those within a second.
#include <algorithm>
#include <bit>

#include "ensue/judge/internal/leak_checks.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::History, events::Log, events::UserId;

// Mean over the log of the time between two instants of one user, ms.
std::int64_t mean_gap(const Log& log) {
  std::int64_t sum = 0, gaps = 0;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto times = log.history(UserId{u}).times;
    for (std::size_t i = 1; i < times.size(); ++i) {
      sum += events::count(times[i]) - events::count(times[i - 1]);
      gaps += times[i] == times[i - 1] ? 0 : 1;
    }
  }
  return gaps > 0 ? sum / gaps : 0;
}

bool same_event(const History& history, std::uint32_t a, std::uint32_t b) {
  return history.items[a] == history.items[b] &&
         history.items[a] != events::kNoItem &&
         history.actions[a] == history.actions[b] &&
         std::bit_cast<std::uint32_t>(history.values[a]) ==
             std::bit_cast<std::uint32_t>(history.values[b]);
}

struct Copy {
  std::uint32_t target, input;
  std::int64_t apart;  // ms
};

// A target's copy among the inputs, at most `reach` ms before it.
std::optional<Copy> find_copy(const History& history, const Query& query,
                              std::int64_t reach) {
  for (std::uint32_t t = query.targets.begin; t < query.targets.end; ++t) {
    for (std::uint32_t i = std::min(query.history, t); i > 0; --i) {
      const std::int64_t apart =
          events::count(history.times[t]) - events::count(history.times[i - 1]);
      if (apart > reach) break;
      if (same_event(history, t, i - 1)) return Copy{t, i - 1, apart};
    }
  }
  return std::nullopt;
}

struct Found {
  Cases certain;  // the same place, or all equal
  Cases instant;  // a millisecond apart
  Cases moment;   // a second apart
};

void look_at(const Suspect& s, const Query& q, std::int64_t reach,
             Found& found) {
  if (q.targets.size() > 0 && q.history > q.targets.begin) {
    found.certain.add([&] {
      return where(s.log, q.user, q.targets.begin) +
             " is a target, its history has " + std::to_string(q.history) +
             " events";
    });
    return;
  }
  const auto copy = find_copy(s.log.history(q.user), q, reach);
  if (!copy) return;
  Cases& cases = copy->apart == 0   ? found.certain
                 : copy->apart <= 1 ? found.instant
                                    : found.moment;
  cases.add([&] {
    return where(s.log, q.user, copy->target) + " repeats event " +
           std::to_string(copy->input) + " after " +
           std::to_string(copy->apart) + " ms: the same item, action and value";
  });
}

}  // namespace

std::optional<Leak> target_in_input(const Suspect& s) {
  const std::int64_t reach =
      s.log.schema().has_clock
          ? std::min(events::kSecondMs, mean_gap(s.log) / 1000)
          : -1;
  Found found;
  std::size_t questions = 0;
  for (const auto* queries : {&s.split.validation, &s.split.test}) {
    questions += queries->size();
    for (const Query& q : *queries) look_at(s, q, reach, found);
  }
  const Cases* told = &found.certain;
  if (told->count() == 0 && found.instant.count() * 1000 > questions) {
    told = &found.instant;
  }
  if (told->count() == 0 && found.moment.count() * 100 > questions) {
    told = &found.moment;
  }
  return told->leak("target-in-input", told->count() == 1
                                           ? "target among its inputs"
                                           : "targets among their inputs");
}

}  // namespace ensue::judge
