// SPDX-License-Identifier: Apache-2.0
// By time: one global cut each for validation and test. Every (user, instant)
// behind a cut is one question whose history is everything strictly earlier.
#include <algorithm>
#include <span>

#include "ensue/base/error.h"
#include "ensue/judge/instants.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::Log, events::Millis, events::UserId;

void check_options(const Log& log, const SplitOptions& o) {
  if (!log.schema().has_clock) {
    invalid(
        "time split: the log has no clock, only an order; use leave-one-out "
        "or by-user");
  }
  const bool shares =
      o.test > 0 && o.validation >= 0 && o.test + o.validation < 1;
  if (!shares) {
    invalid("time split: validation " + std::to_string(o.validation) +
            " and test " + std::to_string(o.test) +
            ", expected shares with test above 0 and a sum below 1");
  }
}

// The instant where the part behind it is nearest to events [place, end).
// No instant is divided, and something stays before it. Reorders `times`.
Millis boundary(std::span<Millis> times, std::size_t place, const char* part) {
  place = std::min(place, times.size() - 1);
  const auto nth = times.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(times.begin(), nth, times.end());
  const Millis at = *nth;
  std::size_t before = 0, through = 0;
  std::optional<Millis> next;
  for (const Millis t : times) {
    before += t < at ? 1u : 0u;
    through += t <= at ? 1u : 0u;
    if (t > at && (!next || t < *next)) next = t;
  }
  const bool here = before > 0 && place - before <= through - place;
  if (here || (!next && before > 0)) return at;
  if (!next) {
    invalid("time split: no cut for " + std::string(part) +
            ": all events before it share the instant " + show_instant(at) +
            "; use leave-one-out or by-user");
  }
  return *next;
}

std::size_t place_of(std::size_t end, std::size_t events, double share) {
  const auto behind =
      static_cast<std::size_t>(share * static_cast<double>(events));
  return end - std::min(end, std::max<std::size_t>(1, behind));
}

struct Cuts {
  std::optional<Millis> validation;
  Millis test{0};
};

Cuts choose_cuts(const Log& log, const SplitOptions& o) {
  const auto all = log.columns().times;
  std::vector<Millis> times(all.begin(), all.end());
  Cuts cuts;
  cuts.test =
      o.test_from.empty()
          ? boundary(times, place_of(times.size(), all.size(), o.test), "test")
          : parse_instant(o.test_from, "split.test_from");
  if (!o.validation_from.empty()) {
    cuts.validation = parse_instant(o.validation_from, "split.validation_from");
  } else if (o.validation > 0) {
    const auto end = std::partition(times.begin(), times.end(),
                                    [&](Millis t) { return t < cuts.test; });
    times.erase(end, times.end());
    if (times.empty()) {
      invalid("time split: no event before test_from " + o.test_from);
    }
    cuts.validation = boundary(
        times, place_of(times.size(), all.size(), o.validation), "validation");
  }
  if (cuts.validation && *cuts.validation >= cuts.test) {
    invalid("time split: validation_from " + show_instant(*cuts.validation) +
            " is not before the test cut " + show_instant(cuts.test));
  }
  return cuts;
}

std::string describe(const Log& log, const Split& split, Millis first) {
  const double share = 100.0 * static_cast<double>(split.train_events()) /
                       static_cast<double>(log.size());
  std::string text = "by time: training before " + show_instant(first) + " (" +
                     std::to_string(split.train_events()) + " events, " +
                     std::to_string(static_cast<int>(share + 0.5)) + " %)";
  if (split.validation_cut) {
    text += ", validation from there (" + count_of(split.validation) + ")";
  }
  return text + ", test from " + show_instant(*split.test_cut) + " (" +
         count_of(split.test) + ")" +
         (has_baskets(log) ? "; one question per user and instant"
                           : "; one question per event");
}

Split make(const Log& log, const SplitOptions& options) {
  check_options(log, options);
  const Cuts cuts = choose_cuts(log, options);
  Split split;
  split.kind = options.kind;
  split.validation_cut = cuts.validation;
  split.test_cut = cuts.test;
  const Millis first = cuts.validation.value_or(cuts.test);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const UserId user{u};
    const auto size = static_cast<std::uint32_t>(log.history(user).size());
    const std::uint32_t train = place_at(log, user, first),
                        test = place_at(log, user, cuts.test);
    split.train.push_back({0, train});
    add_queries(log, user, {train, test}, split.validation);
    add_queries(log, user, {test, size}, split.test);
  }
  if (split.train_events() == 0) {
    invalid("time split: no training event before " + show_instant(first));
  }
  if (split.test.empty()) {
    invalid("time split: no event with an item from " +
            show_instant(cuts.test) + " on; set an earlier test_from");
  }
  split.description = describe(log, split, first);
  return split;
}

struct Window {
  Millis from;
  std::optional<Millis> to;
  bool holds(Millis t) const { return t >= from && (!to || t < *to); }
};

// Every event with an item inside the window is some question's target.
void check_window(const Log& log, const std::vector<Query>& queries,
                  const Window& window, Violations& broken) {
  std::vector<std::size_t> asked(log.users(), 0);
  for (const Query& q : queries) {
    check_instant(log, q, broken);
    const auto history = log.history(q.user);
    for (std::uint32_t i = q.targets.begin; i < q.targets.end; ++i) {
      asked[events::index(q.user)] += history.items[i] != events::kNoItem;
    }
    broken.require(
        q.targets.size() > 0 && window.holds(history.times[q.targets.begin]),
        "targets lie between the cuts of their part",
        [&] { return where(log, q.user, q.targets.begin); });
  }
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(UserId{u});
    std::size_t there = 0;
    for (std::size_t i = 0; i < history.size(); ++i) {
      there +=
          window.holds(history.times[i]) && history.items[i] != events::kNoItem;
    }
    broken.require(asked[u] == there,
                   "every event with an item behind a cut is a target once",
                   [&] { return where(log, UserId{u}, 0); });
  }
}

void check(const Log& log, const Split& split, Violations& broken) {
  broken.require(split.test_cut.has_value(), "there is a test cut",
                 [] { return std::string("the split"); });
  if (!split.test_cut) return;
  const Millis first = split.validation_cut.value_or(*split.test_cut);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const Range range = split.train[u];
    const auto times = log.history(UserId{u}).times;
    broken.require(range.size() == 0 || times[range.end - 1] < first,
                   "no training event stands at or after the cut",
                   [&] { return where(log, UserId{u}, range.end - 1); });
  }
  if (split.validation_cut) {
    check_window(log, split.validation, {*split.validation_cut, split.test_cut},
                 broken);
  }
  check_window(log, split.test, {*split.test_cut, std::nullopt}, broken);
}

}  // namespace

SplitKind time_split() {
  return {"time", "one global cut each for validation and test", make, check};
}

}  // namespace ensue::judge
