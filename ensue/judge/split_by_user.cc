// SPDX-License-Identifier: Apache-2.0
// By user: judged users give nothing to training; every prefix of theirs with
// at least one event is a question.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/judge/internal/split_kind.h"

namespace ensue::judge {
namespace {

using events::Log, events::UserId;

// Users with events; the ones to judge stand last.
std::vector<UserId> ordered_users(const Log& log, const SplitOptions& options) {
  std::vector<UserId> users;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    if (!log.history(UserId{u}).empty()) users.push_back(UserId{u});
  }
  if (options.users == "random") {
    Rng rng(static_cast<std::uint64_t>(options.seed));
    shuffle(users, rng);
  } else if (options.users == "last") {
    const auto first = [&](UserId u) {
      return std::tuple(log.history(u).times[0], log.seqs(u)[0]);
    };
    std::stable_sort(users.begin(), users.end(),
                     [&](UserId a, UserId b) { return first(a) < first(b); });
  } else {
    invalid("by-user split: users '" + options.users +
            "', expected random or last");
  }
  return users;
}

std::size_t share_of(std::size_t users, double share, const char* name) {
  if (!(share >= 0 && share < 1)) {
    invalid("by-user split: " + std::string(name) + " " +
            std::to_string(share) + ", expected a share in [0, 1)");
  }
  return static_cast<std::size_t>(
      std::llround(share * static_cast<double>(users)));
}

struct Sizes {
  std::size_t validation, test;
};

Sizes sizes_of(std::size_t users, const SplitOptions& o) {
  const Sizes sizes{share_of(users, o.validation, "validation"),
                    o.test_users > 0 ? static_cast<std::size_t>(o.test_users)
                                     : share_of(users, o.test, "test")};
  if (sizes.test == 0 || sizes.test + sizes.validation >= users) {
    invalid("by-user split: " + std::to_string(sizes.validation) +
            " validation and " + std::to_string(sizes.test) +
            " test users of " + std::to_string(users) +
            ", expected some of each kind and some left for training");
  }
  return sizes;
}

enum class Part : std::uint8_t { kTrain, kValidation, kTest };

std::vector<Part> deal(const Log& log, const SplitOptions& options) {
  const auto users = ordered_users(log, options);
  const Sizes sizes = sizes_of(users.size(), options);
  std::vector<Part> parts(log.users(), Part::kTrain);
  for (std::size_t i = 0; i < sizes.test + sizes.validation; ++i) {
    parts[events::index(users[users.size() - 1 - i])] =
        i < sizes.test ? Part::kTest : Part::kValidation;
  }
  return parts;
}

Split make(const Log& log, const SplitOptions& options) {
  const std::vector<Part> parts = deal(log, options);
  Split split;
  split.kind = options.kind;
  split.leak_free_in_time = false;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const UserId user{u};
    const auto size = static_cast<std::uint32_t>(log.history(user).size());
    const bool train = parts[u] == Part::kTrain;
    split.train.push_back({0, train ? size : 0});
    if (train || size == 0) continue;
    add_queries(log, user, {instant_end(log, user, 0), size},
                parts[u] == Part::kTest ? split.test : split.validation);
  }
  if (split.test.empty()) {
    invalid(
        "by-user split: no test user has two instants with an item; use more "
        "test users");
  }
  split.description =
      "by user: " + count_of(split.test) + " (" +
      (options.users == "last" ? "the last to come" : "drawn at random") +
      ") for test, every prefix asked, none of their events "
      "learnt from; not leak-free in global time";
  return split;
}

void check_part(const Log& log, const Split& split,
                const std::vector<Query>& queries, Violations& broken) {
  for (const Query& q : queries) {
    check_instant(log, q, broken);
    const auto place = [&] { return where(log, q.user, q.history); };
    broken.require(q.history > 0,
                   "a question has at least one event of history", place);
    broken.require(split.train[events::index(q.user)].size() == 0,
                   "judged users have no training events", place);
  }
}

void check(const Log& log, const Split& split, Violations& broken) {
  check_part(log, split, split.validation, broken);
  check_part(log, split, split.test, broken);
  std::vector<bool> validated(log.users(), false);
  for (const Query& q : split.validation)
    validated[events::index(q.user)] = true;
  for (const Query& q : split.test) {
    broken.require(!validated[events::index(q.user)],
                   "a user is judged in one part only",
                   [&] { return where(log, q.user, q.history); });
  }
}

}  // namespace

SplitKind by_user_split() {
  return {"by-user", "some users are kept apart, every prefix is asked", make,
          check};
}

}  // namespace ensue::judge
