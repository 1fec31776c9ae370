// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/split.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::Log, events::UserId;

// What every kind promises. The rest of a check may index freely after it.
void check_shape(const Log& log, const Split& split, Violations& broken) {
  const auto no_place = [] { return std::string("the split"); };
  broken.require(split.train.size() == log.users(),
                 "there is one training range per user", no_place);
  if (!broken.empty()) return;
  for (std::uint32_t u = 0; u < split.train.size(); ++u) {
    const Range range = split.train[u];
    broken.require(
        range.begin <= range.end && range.end <= log.history(UserId{u}).size(),
        "a training range lies inside its user's history",
        [&] { return where(log, UserId{u}, range.end); });
  }
}

void check_queries(const Log& log, const std::vector<Query>& queries,
                   Violations& broken) {
  const Query* last = nullptr;
  for (const Query& q : queries) {
    const bool known = events::index(q.user) < log.users();
    broken.require(known, "a question belongs to a user of the log", [&] {
      return "user id " + std::to_string(events::index(q.user));
    });
    if (!known) continue;
    const auto place = [&] { return where(log, q.user, q.history); };
    broken.require(q.targets.begin <= q.targets.end &&
                       q.targets.end <= log.history(q.user).size(),
                   "targets lie inside their user's history", place);
    broken.require(q.history <= q.targets.begin,
                   "a history ends before its targets", place);
    broken.require(last == nullptr || std::tie(last->user, last->history) <
                                          std::tie(q.user, q.history),
                   "questions are sorted by user and history, each once",
                   place);
    last = &q;
  }
}

}  // namespace

std::vector<std::string> Violations::lines() const {
  std::vector<std::string> out;
  for (const Found& found : found_) {
    out.push_back(std::string(found.sentence) + ": broken " +
                  std::to_string(found.times) +
                  (found.times == 1 ? " time, by " : " times, first by ") +
                  found.first);
  }
  return out;
}

void Violations::add(std::string_view sentence, std::string where) {
  for (Found& found : found_) {
    if (found.sentence == sentence) {
      ++found.times;
      return;
    }
  }
  found_.push_back({sentence, std::move(where), 1});
}

const Catalog<SplitKind>& split_kinds() {
  static const Catalog<SplitKind> list(
      "split", {time_split(), leave_one_out_split(), by_user_split(),
                rolling_user_split()});
  return list;
}

std::size_t Split::train_events() const noexcept {
  std::size_t sum = 0;
  for (const Range range : train) sum += range.size();
  return sum;
}

std::uint64_t Split::fingerprint() const noexcept {
  static_assert(std::has_unique_object_representations_v<Range>);
  return checksum(std::as_bytes(std::span(train)));
}

Split make_split(const Log& log, const SplitOptions& options) {
  if (options.remove_seen && options.keep_seen) {
    invalid("split: remove_seen and keep_seen are both set, expected one");
  }
  if (log.size() == 0) invalid("split: the log has no events");
  Split split = split_kinds().find(options.kind).make(log, options);
  split.remove_seen = split.remove_seen || options.remove_seen;
  split.description += split.remove_seen ? "; seen items are not ranked"
                                         : "; every item is ranked";
  const auto broken = check_contract(log, split);
  if (!broken.empty()) invalid(options.kind + " split: " + broken.front());
  return split;
}

std::vector<std::string> check_contract(const Log& log, const Split& split) {
  Violations broken;
  check_shape(log, split, broken);
  check_queries(log, split.validation, broken);
  check_queries(log, split.test, broken);
  if (broken.empty()) split_kinds().find(split.kind).check(log, split, broken);
  return broken.lines();
}

bool has_baskets(const Log& log) noexcept {
  return log.schema().has_clock && !log.schema().order_within_instant;
}

std::uint32_t instant_end(const Log& log, UserId user,
                          std::uint32_t begin) noexcept {
  const auto times = log.history(user).times;
  std::uint32_t end = begin + 1;
  if (!has_baskets(log)) return end;
  while (end < times.size() && times[end] == times[begin]) ++end;
  return end;
}

bool any_item(const events::History& history, Range range) noexcept {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (history.items[i] != events::kNoItem) return true;
  }
  return false;
}

void add_queries(const Log& log, UserId user, Range places,
                 std::vector<Query>& out) {
  const auto history = log.history(user);
  for (std::uint32_t begin = places.begin; begin < places.end;) {
    const std::uint32_t end = instant_end(log, user, begin);
    if (any_item(history, {begin, end})) {
      out.push_back({user, begin, {begin, end}});
    }
    begin = end;
  }
}

std::uint32_t place_at(const Log& log, UserId user,
                       events::Millis time) noexcept {
  const auto times = log.history(user).times;
  return static_cast<std::uint32_t>(
      std::lower_bound(times.begin(), times.end(), time) - times.begin());
}

std::string where(const Log& log, UserId user, std::uint32_t place) {
  return "user '" + std::string(log.user_names().name(events::index(user))) +
         "', event " + std::to_string(place);
}

std::string count_of(const std::vector<Query>& queries) {
  std::size_t users = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    users += i == 0 || queries[i].user != queries[i - 1].user ? 1u : 0u;
  }
  return std::to_string(queries.size()) +
         (queries.size() == 1 ? " question of " : " questions of ") +
         std::to_string(users) + (users == 1 ? " user" : " users");
}

void check_instant(const Log& log, const Query& query, Violations& broken) {
  const auto history = log.history(query.user);
  const auto place = [&] { return where(log, query.user, query.history); };
  broken.require(query.history == query.targets.begin,
                 "a history is everything before its targets", place);
  broken.require(any_item(history, query.targets),
                 "a question has a target with an item", place);
  const std::uint32_t begin = query.targets.begin;
  if (query.targets.size() == 0) return;
  broken.require(query.targets.end == instant_end(log, query.user, begin),
                 "targets are all events of one instant and nothing else",
                 place);
  broken.require(!has_baskets(log) || begin == 0 ||
                     history.times[begin - 1] < history.times[begin],
                 "a history is strictly earlier than its targets", place);
}

}  // namespace ensue::judge
