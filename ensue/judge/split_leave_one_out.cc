// SPDX-License-Identifier: Apache-2.0
// Leave-one-out, as published tables use it: the last event of a user is the
// test, the one before it validation. Other users' later events are learnt
// from, so it is not leak-free in global time, and its description says so.
#include <tuple>

#include "ensue/base/error.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::Log, events::UserId;
constexpr std::uint32_t kShortest = 3;  // events of a user who is judged

// Place of the last event with an item before `end`.
std::optional<std::uint32_t> last_item(const events::History& history,
                                       std::uint32_t end) {
  while (end > 0) {
    if (history.items[--end] != events::kNoItem) return end;
  }
  return std::nullopt;
}

std::uint32_t count_items(const events::History& history) {
  std::uint32_t count = 0;
  for (const auto item : history.items) count += item != events::kNoItem;
  return count;
}

// Questions whose target shares its time with the event before it.
std::size_t count_ties(const Log& log, const std::vector<Query>& queries) {
  std::size_t ties = 0;
  for (const Query& q : queries) {
    const auto times = log.history(q.user).times;
    ties += q.history > 0 && times[q.history - 1] == times[q.history];
  }
  return ties;
}

Split make(const Log& log, const SplitOptions& options) {
  Split split;
  split.kind = options.kind;
  split.remove_seen = !options.keep_seen;
  split.leak_free_in_time = false;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(UserId{u});
    if (count_items(history) < kShortest) {
      split.train.push_back({0, static_cast<std::uint32_t>(history.size())});
      continue;
    }
    const std::uint32_t test =
        *last_item(history, static_cast<std::uint32_t>(history.size()));
    const std::uint32_t validation = *last_item(history, test);
    split.train.push_back({0, validation});
    split.validation.push_back(
        {UserId{u}, validation, {validation, validation + 1}});
    split.test.push_back({UserId{u}, test, {test, test + 1}});
  }
  if (split.test.empty()) {
    invalid("leave-one-out split: no user has " + std::to_string(kShortest) +
            " events with an item; use by-user");
  }
  split.description =
      "leave-one-out: the last event of a user is the test, the one before "
      "validation (" +
      count_of(split.test) + "); not leak-free in global time";
  if (const auto ties = count_ties(log, split.test);
      log.schema().has_clock && ties > 0) {
    split.description += "; in " + std::to_string(ties) +
                         " the last events share one time and the order of "
                         "the log decides";
  }
  return split;
}

void check_order(const Log& log, UserId user, Violations& broken) {
  const auto times = log.history(user).times;
  const auto seqs = log.seqs(user);
  for (std::uint32_t i = 1; i < times.size(); ++i) {
    broken.require(
        std::tie(times[i - 1], seqs[i - 1]) < std::tie(times[i], seqs[i]),
        "events of a user stand in the order of time and log", [&] {
          return where(log, user, i) + " with seq " + std::to_string(seqs[i]) +
                 " after seq " + std::to_string(seqs[i - 1]);
        });
  }
}

// `left` [users]: end of what may be asked for, per user; moves down.
void check_part(const Log& log, const std::vector<Query>& queries,
                std::vector<std::uint32_t>& left, Violations& broken) {
  for (const Query& q : queries) {
    const auto place = [&] { return where(log, q.user, q.targets.begin); };
    const auto history = log.history(q.user);
    broken.require(q.targets.size() == 1 && q.history == q.targets.begin,
                   "a question asks for one event after all before it", place);
    std::uint32_t& end = left[events::index(q.user)];
    broken.require(last_item(history, end) == q.targets.begin,
                   "test is the last event with an item, validation the one "
                   "before it",
                   place);
    end = q.targets.begin;
  }
}

void check(const Log& log, const Split& split, Violations& broken) {
  std::vector<std::uint32_t> left(log.users());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    left[u] = static_cast<std::uint32_t>(log.history(UserId{u}).size());
    check_order(log, UserId{u}, broken);
  }
  check_part(log, split.test, left, broken);
  check_part(log, split.validation, left, broken);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    broken.require(split.train[u].end <= left[u],
                   "training ends before the targets of its user",
                   [&] { return where(log, UserId{u}, left[u]); });
  }
}

}  // namespace

SplitKind leave_one_out_split() {
  return {"leave-one-out", "the last event of each user (published tables)",
          make, check};
}

}  // namespace ensue::judge
