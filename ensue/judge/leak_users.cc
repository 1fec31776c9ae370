// SPDX-License-Identifier: Apache-2.0
// One person under two ids, learnt from under one and judged under the other.
// A log without a clock can only compare items and actions, so there a
// sequence must also have three distinct items.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "ensue/base/rng.h"
#include "ensue/judge/internal/leak_checks.h"

namespace ensue::judge {
namespace {

using events::History, events::Log, events::UserId;
constexpr std::size_t kShortest = 5, kDistinct = 3;

bool telling(const Log& log, const History& history) {
  if (history.size() < kShortest) return false;
  return log.schema().has_clock ||
         std::set(history.items.begin(), history.items.end()).size() >=
             kDistinct;
}

std::uint64_t hash_of(const Log& log, const History& history) {
  std::uint64_t hash = history.size();
  for (std::size_t i = 0; i < history.size(); ++i) {
    hash = Rng::mix(hash ^ events::index(history.items[i]));
    hash = Rng::mix(hash + events::index(history.actions[i]));
    if (log.schema().has_clock) {
      hash = Rng::mix(
          hash ^ static_cast<std::uint64_t>(events::count(history.times[i])));
    }
  }
  return hash;
}

bool equal(const Log& log, const History& a, const History& b) {
  return std::ranges::equal(a.items, b.items) &&
         std::ranges::equal(a.actions, b.actions) &&
         (!log.schema().has_clock || std::ranges::equal(a.times, b.times));
}

std::string name_of(const Log& log, UserId user) {
  return "user '" + std::string(log.user_names().name(events::index(user))) +
         "'";
}

}  // namespace

std::optional<Leak> duplicated_user(const Suspect& s) {
  if (s.split.kind != "by-user") return std::nullopt;
  std::unordered_multimap<std::uint64_t, UserId> learnt;
  for (std::uint32_t u = 0; u < s.split.train.size(); ++u) {
    const History history = s.log.history(UserId{u});
    if (s.split.train[u].size() == 0 || !telling(s.log, history)) continue;
    learnt.emplace(hash_of(s.log, history), UserId{u});
  }
  Cases cases;
  for (const auto* queries : {&s.split.validation, &s.split.test}) {
    std::optional<UserId> last;
    for (const Query& q : *queries) {
      if (std::exchange(last, q.user) == q.user) continue;
      const History history = s.log.history(q.user);
      if (!telling(s.log, history)) continue;
      const auto [begin, end] = learnt.equal_range(hash_of(s.log, history));
      const auto twin = std::find_if(begin, end, [&](const auto& entry) {
        return entry.second != q.user &&
               equal(s.log, history, s.log.history(entry.second));
      });
      if (twin == end) continue;
      cases.add([&] {
        return name_of(s.log, q.user) + " is judged, " +
               name_of(s.log, twin->second) + " with the same " +
               std::to_string(history.size()) + " events is training";
      });
    }
  }
  return cases.leak("duplicated-user",
                    cases.count() == 1 ? "judged user known from training"
                                       : "judged users known from training");
}

}  // namespace ensue::judge
