// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/leaks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/hash.h"
#include "ensue/judge/instants.h"
#include "ensue/judge/testing.h"

namespace ensue::judge {
namespace {

using events::Log, events::LogBuilder, events::Millis, events::UserId;
using testing::random_log, testing::RandomLog;

const char* const kKinds[] = {"time", "leave-one-out", "by-user",
                              "rolling-user"};

Split split_of(const Log& log, const char* kind) {
  SplitOptions o;
  o.kind = kind;
  o.horizon_days = 10;
  return make_split(log, o);
}

std::string kinds(const std::vector<Leak>& leaks) {
  std::string out;
  for (const Leak& leak : leaks) out += (out.empty() ? "" : " ") + leak.kind;
  return out;
}

const Leak* find(const std::vector<Leak>& leaks, std::string_view kind) {
  for (const Leak& leak : leaks) {
    if (leak.kind == kind) return &leak;
  }
  return nullptr;
}

std::uint32_t size_of(const Log& log, UserId user) {
  return static_cast<std::uint32_t>(log.history(user).size());
}

// A copy of the log with further events.
template <class Change>
Log changed(const Log& log, const Change& change) {
  LogBuilder builder(log.schema());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) {
      const auto e = history[i];
      builder.add(log.user_names().name(u),
                  e.item == events::kNoItem
                      ? ""
                      : log.item_names().name(events::index(e.item)),
                  e.time, log.action_names().name(events::index(e.action)),
                  e.value);
    }
  }
  change(builder);
  return builder.build();
}

// ---- a clean log raises none

TEST(Leaks, ACleanLogHasNoneUnderAnySplit) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    RandomLog shape;
    shape.grid_ms = seed % 2 == 0 ? events::kHourMs : events::kDayMs;
    shape.schema.order_within_instant = seed % 3 == 0;
    const Log log = random_log(seed, shape);
    for (const char* kind : kKinds) {
      const auto leaks = find_leaks(log, split_of(log, kind));
      EXPECT_EQ(kinds(leaks), "") << kind << " seed " << seed << ": "
                                  << (leaks.empty() ? "" : leaks[0].message);
    }
  }
}

TEST(Leaks, ACleanLogWithoutClockHasNone) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    RandomLog shape;
    shape.schema.has_clock = false;
    shape.items = 4;  // many repeats, one after the other
    const Log log = random_log(seed, shape);
    for (const char* kind : {"leave-one-out", "by-user"}) {
      EXPECT_EQ(kinds(find_leaks(log, split_of(log, kind))), "") << kind;
    }
  }
}

TEST(Leaks, AFewQuickRepetitionsOfManyQuestionsAreNone) {
  RandomLog shape;
  shape.users = 300;
  shape.events = 30000;
  const Log calm = random_log(1, shape);
  const UserId user{3};
  const auto last = calm.history(user)[size_of(calm, user) - 1];
  const Log log = changed(calm, [&](LogBuilder& b) {  // one double click
    b.add(calm.user_names().name(3),
          last.item == events::kNoItem
              ? ""
              : calm.item_names().name(events::index(last.item)),
          Millis{events::count(last.time) + 100},
          calm.action_names().name(events::index(last.action)), last.value);
  });
  EXPECT_EQ(kinds(find_leaks(log, split_of(log, "time"))), "");
}

// ---- 1: an event from the future

TEST(Leaks, TrainingThatReachesBehindTheCutIsFound) {
  const Log log = random_log(1);
  for (const char* kind : {"time", "rolling-user"}) {
    Split split = split_of(log, kind);
    split.train[5].end = size_of(log, UserId{5});
    const auto leaks = find_leaks(log, split);
    const Leak* leak = find(leaks, "future-event");
    ASSERT_NE(leak, nullptr) << kind;
    EXPECT_NE(leak->message.find("user '"), std::string::npos);
    EXPECT_NE(leak->message.find("the cut is 1970-02-"), std::string::npos)
        << leak->message;
  }
}

TEST(Leaks, TrainingOnTheTargetsOfAUserIsFound) {
  const Log log = random_log(2);
  for (const char* kind : {"leave-one-out", "by-user"}) {
    Split split = split_of(log, kind);
    const Query& q = split.test[0];
    split.train[events::index(q.user)] = {0, q.targets.end};
    EXPECT_NE(find(find_leaks(log, split), "future-event"), nullptr) << kind;
  }
}

TEST(Leaks, AHistoryThatReachesBehindItsTargetIsFound) {
  const Log log = random_log(3);
  for (const char* kind : {"time", "by-user"}) {
    Split split = split_of(log, kind);
    for (Query& q : split.test) {
      if (q.targets.end == size_of(log, q.user)) continue;
      q.history = q.targets.end + 1;
      break;
    }
    EXPECT_NE(find(find_leaks(log, split), "future-event"), nullptr) << kind;
  }
}

TEST(Leaks, AHistoryWithAPartOfItsOwnBasketIsFound) {
  RandomLog shape;
  shape.grid_ms = events::kDayMs;
  const Log log = random_log(4, shape);
  for (const char* kind : {"time", "by-user"}) {
    Split split = split_of(log, kind);
    for (Query& q : split.test) {
      if (q.targets.size() < 2) continue;
      ++q.targets.begin;
      ++q.history;
      break;
    }
    EXPECT_EQ(kinds(find_leaks(log, split)), "future-event") << kind;
  }
}

// ---- 2: the target among the inputs

TEST(Leaks, ATargetInItsOwnHistoryIsFound) {
  const Log log = random_log(5);
  for (const char* kind : {"time", "leave-one-out", "by-user"}) {
    Split split = split_of(log, kind);
    split.test[2].history = split.test[2].targets.end;
    EXPECT_EQ(kinds(find_leaks(log, split)), "target-in-input") << kind;
  }
}

TEST(Leaks, AnEventThatStandsTwiceAtOneTimeIsFoundInLeaveOneOut) {
  const Log clean = random_log(6, {.without_item = 0});
  const auto last = clean.history(UserId{0})[size_of(clean, UserId{0}) - 1];
  const Log log = changed(clean, [&](LogBuilder& b) {
    b.add(clean.user_names().name(0),
          clean.item_names().name(events::index(last.item)), last.time,
          clean.action_names().name(events::index(last.action)), last.value);
  });
  const auto leaks = find_leaks(log, split_of(log, "leave-one-out"));
  ASSERT_EQ(kinds(leaks), "target-in-input");
  EXPECT_NE(leaks[0].message.find("after 0 ms"), std::string::npos);
}

TEST(Leaks, ALogWrittenTwiceAMomentApartIsFound) {
  const Log clean = random_log(7, {.without_item = 0});
  const Log log = changed(clean, [&](LogBuilder& b) {
    for (std::uint32_t u = 0; u < clean.users(); ++u) {
      const auto history = clean.history(UserId{u});
      for (std::size_t i = 0; i < history.size(); ++i) {
        const auto e = history[i];
        b.add(clean.user_names().name(u),
              clean.item_names().name(events::index(e.item)),
              Millis{events::count(e.time) + 1},
              clean.action_names().name(events::index(e.action)), e.value);
      }
    }
  });
  for (const char* kind : {"time", "leave-one-out", "by-user"}) {
    const auto leaks = find_leaks(log, split_of(log, kind));
    ASSERT_NE(find(leaks, "target-in-input"), nullptr) << kind;
  }
}

// ---- 3: statistics fitted on test

// What an honest or dishonest fit leaves behind.
std::shared_ptr<const artifact::Artifact> popularity(
    const Log& log, const std::vector<Range>& fitted_on,
    const JsonObject& data) {
  constexpr double kSmoothing = 2;
  std::vector<double> counts(log.items(), kSmoothing);
  double total = kSmoothing * static_cast<double>(log.items());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    for (std::uint32_t i = fitted_on[u].begin; i < fitted_on[u].end; ++i) {
      const auto item = log.history(UserId{u}).items[i];
      if (item == events::kNoItem) continue;
      ++counts[events::index(item)];
      ++total;
    }
  }
  std::vector<float> logs;
  for (const double c : counts) {
    logs.push_back(static_cast<float>(std::log(c / total)));
  }
  artifact::PopularityConfig config;
  config.smoothing = kSmoothing;
  artifact::Description d;
  d.model = {"popularity", {}, {}, {{"popularity", write_fields(config)}}};
  d.items = log.item_names();
  d.actions = log.action_names();
  d.data = data;
  artifact::Draft draft(d);
  draft.add<float>("heads.0.log_probability",
                   {static_cast<std::int64_t>(log.items())}, logs);
  return artifact::Artifact::from_bytes(draft.bytes(), "test");
}

JsonObject words(const Log& log, std::size_t count, Millis until) {
  return {{"log", to_hex(log.fingerprint())},
          {"events", count},
          {"until", events::count(until)}};
}

std::vector<Range> everything(const Log& log) {
  std::vector<Range> out(log.users());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    out[u].end = size_of(log, UserId{u});
  }
  return out;
}

Millis latest(const Log& log, const std::vector<Range>& ranges) {
  Millis out{0};
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    if (ranges[u].size() == 0) continue;
    out = std::max(out, log.history(UserId{u}).times[ranges[u].end - 1]);
  }
  return out;
}

TEST(Leaks, AnArtifactFittedOnTheTrainingPartHasNone) {
  const Log log = random_log(8);
  for (const char* kind : kKinds) {
    const Split split = split_of(log, kind);
    const auto artifact =
        popularity(log, split.train,
                   words(log, split.train_events(), latest(log, split.train)));
    EXPECT_EQ(kinds(find_leaks(log, split, artifact.get())), "") << kind;
  }
}

TEST(Leaks, AnArtifactThatSaysItSawMoreEventsIsFound) {
  const Log log = random_log(8);
  for (const char* kind : kKinds) {
    const Split split = split_of(log, kind);
    const auto artifact = popularity(
        log, split.train, words(log, log.size(), latest(log, split.train)));
    const auto leaks = find_leaks(log, split, artifact.get());
    ASSERT_EQ(kinds(leaks), "fitted-on-test") << kind;
    EXPECT_NE(leaks[0].message.find("fitted on 800 events"), std::string::npos);
  }
}

TEST(Leaks, AnArtifactOfAnotherSplitOfTheSameLogIsFoundWithoutACutInTime) {
  const Log log = random_log(8);
  const Split by_time = split_of(log, "time");
  JsonObject data =
      words(log, by_time.train_events(), latest(log, by_time.train));
  data["part"] = to_hex(by_time.fingerprint());
  const auto artifact = popularity(log, by_time.train, data);
  EXPECT_EQ(kinds(find_leaks(log, by_time, artifact.get())), "");
  for (const char* kind : {"leave-one-out", "by-user"}) {
    const auto leaks = find_leaks(log, split_of(log, kind), artifact.get());
    ASSERT_EQ(kinds(leaks), "fitted-on-test") << kind;
    EXPECT_NE(leaks[0].message.find("another part"), std::string::npos);
  }
}

TEST(Leaks, AnArtifactOfAnEarlierCutHasNone) {
  const Log log = random_log(8);
  SplitOptions early;
  early.validation = early.test = 0.3;
  const Split before = make_split(log, early);
  JsonObject data =
      words(log, before.train_events(), latest(log, before.train));
  data["part"] = to_hex(before.fingerprint());
  const auto artifact = popularity(log, before.train, data);
  EXPECT_EQ(kinds(find_leaks(log, split_of(log, "time"), artifact.get())), "");
}

TEST(Leaks, AnArtifactOfAnotherLogThatReachesBehindTheCutIsFound) {
  const Log log = random_log(8);
  const Split split = split_of(log, "time");
  const auto artifact = popularity(
      log, split.train,
      {{"log", "00"}, {"until", events::count(*split.validation_cut)}});
  EXPECT_EQ(kinds(find_leaks(log, split, artifact.get())), "fitted-on-test");
}

TEST(Leaks, ItemCountsOfTheWholeLogAreFoundWhateverTheArtifactSays) {
  const Log log = random_log(8);
  for (const char* kind : kKinds) {
    const Split split = split_of(log, kind);
    const auto artifact =
        popularity(log, everything(log),
                   words(log, split.train_events(), latest(log, split.train)));
    const auto leaks = find_leaks(log, split, artifact.get());
    ASSERT_EQ(kinds(leaks), "fitted-on-test") << kind;
    EXPECT_NE(leaks[0].message.find("the whole log"), std::string::npos);
  }
}

// ---- 4: a duplicated user

Log with_twin(const Log& clean, std::string_view of, std::size_t first) {
  return changed(clean, [&](LogBuilder& b) {
    const auto history = clean.history(testing::user(clean, of));
    for (std::size_t i = 0; i < first; ++i) {
      const auto e = history[i];
      b.add("twin", clean.item_names().name(events::index(e.item)), e.time,
            clean.action_names().name(events::index(e.action)), e.value);
    }
  });
}

TEST(Leaks, AUserUnderTwoIdsOnBothSidesIsFound) {
  for (const bool clock : {true, false}) {
    RandomLog shape{.without_item = 0};
    shape.schema.has_clock = clock;
    const Log clean = random_log(9, shape);
    const auto name = clean.user_names().name(
        events::index(split_of(clean, "by-user").test[0].user));
    const Log log = with_twin(clean, name,
                              clean.history(testing::user(clean, name)).size());
    // Whoever is drawn: try until the two stand on different sides.
    for (int seed = 1; seed < 100; ++seed) {
      SplitOptions o;
      o.kind = "by-user";
      o.seed = seed;
      const Split split = make_split(log, o);
      const auto learnt = [&](std::string_view id) {
        return split.train[events::index(testing::user(log, id))].size() > 0;
      };
      const bool both = learnt(name) != learnt("twin");
      EXPECT_EQ(kinds(find_leaks(log, split)), both ? "duplicated-user" : "")
          << "seed " << seed << " clock " << clock;
    }
  }
}

TEST(Leaks, AShortSequenceUnderTwoIdsIsNone) {
  LogBuilder builder;
  for (int u = 0; u < 40; ++u) {
    for (int i = 0; i < 4; ++i) {
      builder.add(std::to_string(u), std::to_string(i),
                  Millis{i * events::kDayMs});
    }
  }
  const Log log = builder.build();
  EXPECT_EQ(kinds(find_leaks(log, split_of(log, "by-user"))), "");
}

// ---- 5: a tie across the cut

TEST(Leaks, AnInstantOnBothSidesOfTheCutIsFound) {
  RandomLog shape;
  shape.grid_ms = events::kDayMs;
  const Log log = random_log(10, shape);
  for (const char* kind : {"time", "rolling-user"}) {
    Split split = split_of(log, kind);
    for (std::uint32_t u = 0; u < log.users(); ++u) {
      std::uint32_t& end = split.train[u].end;
      if (end < size_of(log, UserId{u}) &&
          log.history(UserId{u}).times[end] == *split.validation_cut) {
        ++end;
        break;
      }
    }
    const auto leaks = find_leaks(log, split);
    const Leak* leak = find(leaks, "tie-across-cut");
    ASSERT_NE(leak, nullptr) << kind;
    EXPECT_NE(leak->message.find(show_instant(*split.validation_cut)),
              std::string::npos)
        << leak->message;
  }
}

TEST(Leaks, AnInstantInValidationAndTestIsFound) {
  RandomLog shape;
  shape.grid_ms = events::kDayMs;
  const Log log = random_log(11, shape);
  Split split = split_of(log, "time");
  for (auto q = split.test.begin(); q != split.test.end(); ++q) {
    if (log.history(q->user).times[q->targets.begin] != *split.test_cut) {
      continue;
    }
    split.validation.push_back(*q);
    split.test.erase(q);
    break;
  }
  EXPECT_EQ(kinds(find_leaks(log, split)), "tie-across-cut");
}

// ---- 6: an item table from the future

Log with_table(Log log, const std::function<std::string(std::size_t)>& since) {
  events::Table table;
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < log.items(); ++i) cells.push_back(since(i));
  table.columns.push_back({"first_listed", cells});
  table.known_since = "first_listed";
  log.set_item_table(table);
  return log;
}

TEST(Leaks, AnItemRowKnownOnlyAfterTheCutIsFound) {
  for (const char* kind : kKinds) {
    const Log log = with_table(random_log(12), [](std::size_t i) {
      return i == 7 ? "1971-01-01" : "1969-06-01";
    });
    const auto leaks = find_leaks(log, split_of(log, kind));
    ASSERT_EQ(kinds(leaks), "future-item-table") << kind;
    EXPECT_NE(leaks[0].message.find(
                  "item '" + std::string(log.item_names().name(7)) + "'"),
              std::string::npos);
  }
}

TEST(Leaks, ARowOfAnItemThatArrivesAfterTheCutIsNone) {
  const Log clean = changed(random_log(12), [](LogBuilder& b) {
    b.add("1", "brand new", Millis{70 * events::kDayMs});
  });
  const auto place = *clean.item_names().find("brand new");
  const Log log = with_table(clean, [&](std::size_t i) {
    return i == place ? "1970-03-12T08:00:00Z" : "";
  });
  EXPECT_EQ(kinds(find_leaks(log, split_of(log, "time"))), "");
}

TEST(Leaks, AnUnreadableKnownSinceIsToldWithItsItem) {
  const Log log =
      with_table(random_log(12), [](std::size_t) { return "last spring"; });
  EXPECT_THROW(find_leaks(log, split_of(log, "time")), Error);
}

}  // namespace
}  // namespace ensue::judge
