// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "ensue/base/error.h"
#include "ensue/judge/instants.h"
#include "ensue/judge/testing.h"

namespace ensue::judge {
namespace {

using events::Log, events::LogBuilder, events::Millis, events::UserId;
using testing::random_log, testing::RandomLog, testing::user;

Millis day(int n) { return Millis{n * events::kDayMs}; }

SplitOptions kind(const char* name) {
  SplitOptions o;
  o.kind = name;
  return o;
}

std::string refusal(const Log& log, const SplitOptions& options) {
  try {
    make_split(log, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

// Ann buys a, then {b, c} at once, then a again; Bob has one event a day.
Log shop(events::Schema schema = {}) {
  LogBuilder builder(schema);
  builder.add("ann", "a", day(0)).add("bob", "a", day(1));
  builder.add("bob", "b", day(2)).add("bob", "c", day(3));
  builder.add("ann", "b", day(8)).add("ann", "c", day(8));
  builder.add("bob", "d", day(8)).add("ann", "a", day(9));
  return builder.build();
}

SplitOptions shop_cuts() {
  SplitOptions o = kind("time");
  o.validation_from = show_instant(day(3));
  o.test_from = show_instant(day(8));
  return o;
}

TEST(TimeSplit, AsksOneQuestionPerUserAndInstantWithAllItsItems) {
  const Log log = shop();
  const Split split = make_split(log, shop_cuts());
  const UserId ann = user(log, "ann"), bob = user(log, "bob");
  ASSERT_EQ(split.test.size(), 3u);
  EXPECT_EQ(split.test[0].user, ann);
  EXPECT_EQ(split.test[0].history, 1u);
  EXPECT_EQ(split.test[0].targets.begin, 1u);
  EXPECT_EQ(split.test[0].targets.end, 3u);
  EXPECT_EQ(split.test[1].history, 3u);  // events behind the cut are history
  EXPECT_EQ(split.test[2].user, bob);
  EXPECT_EQ(split.test[2].history, 3u);
}

TEST(TimeSplit, TrainsOnEverythingBeforeTheFirstCutOnly) {
  const Log log = shop();
  const Split split = make_split(log, shop_cuts());
  EXPECT_EQ(split.train[events::index(user(log, "ann"))].end, 1u);
  EXPECT_EQ(split.train[events::index(user(log, "bob"))].end, 2u);
  EXPECT_EQ(split.train_events(), 3u);
  ASSERT_EQ(split.validation.size(), 1u);
  EXPECT_EQ(split.validation[0].history, 2u);
  EXPECT_TRUE(split.leak_free_in_time);
  EXPECT_FALSE(split.remove_seen);
}

TEST(TimeSplit, AsksForEachEventWhereOrderWithinAnInstantIsReal) {
  events::Schema schema;
  schema.order_within_instant = true;
  const Split split = make_split(shop(schema), shop_cuts());
  ASSERT_EQ(split.test.size(), 4u);
  EXPECT_EQ(split.test[1].history, 2u);
  EXPECT_EQ(split.test[1].targets.begin, 2u);
  EXPECT_EQ(split.test[1].targets.end, 3u);
}

TEST(TimeSplit, MovesACutByShareToTheNearestInstant) {
  LogBuilder builder;  // ten events: 1 on day 0, 5 on day 1, 4 on day 2
  for (int i = 0; i < 10; ++i) {
    builder.add(std::to_string(i % 3), std::to_string(i),
                day(i < 1   ? 0
                    : i < 6 ? 1
                            : 2));
  }
  SplitOptions o = kind("time");
  o.validation = 0;
  o.test = 0.3;  // place 7 lies in day 2, whose begin is nearest
  const Log log = builder.build();
  EXPECT_EQ(make_split(log, o).test_cut, day(2));
  o.test = 0.8;  // place 2 lies in day 1
  EXPECT_EQ(make_split(log, o).test_cut, day(1));
  EXPECT_EQ(make_split(log, o).train_events(), 1u);
}

TEST(TimeSplit, KeepsTheSharesWhereTimesAreFine) {
  RandomLog shape;
  shape.events = 5000;
  shape.grid_ms = 1;
  const Log log = random_log(3, shape);
  const Split split = make_split(log, kind("time"));
  EXPECT_EQ(split.train_events(), 4000u);
  std::size_t tested = 0;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto times = log.history(UserId{u}).times;
    tested += static_cast<std::size_t>(
        std::count_if(times.begin(), times.end(),
                      [&](Millis t) { return t >= *split.test_cut; }));
  }
  EXPECT_EQ(tested, 500u);
}

TEST(TimeSplit, KeepsQuestionsOfUsersWithoutHistory) {
  const Log log =
      LogBuilder().add("old", "a", day(0)).add("new", "a", day(5)).build();
  SplitOptions o = kind("time");
  o.validation = 0;
  o.test = 0.5;
  const Split split = make_split(log, o);
  ASSERT_EQ(split.test.size(), 1u);
  EXPECT_EQ(split.test[0].history, 0u);
}

TEST(TimeSplit, NeverAsksForAnEventWithoutItem) {
  const Log log = LogBuilder()
                      .add("u", "a", day(0))
                      .add("u", "", day(5), "search")
                      .add("u", "b", day(6))
                      .build();
  SplitOptions o = kind("time");
  o.validation = 0;
  o.test_from = show_instant(day(5));
  const Split split = make_split(log, o);
  ASSERT_EQ(split.test.size(), 1u);
  EXPECT_EQ(split.test[0].history, 2u);  // the search is history
}

TEST(TimeSplit, RefusesALogWithoutClockAndNamesWhatWorks) {
  events::Schema schema;
  schema.has_clock = false;
  EXPECT_NE(refusal(shop(schema), kind("time")).find("leave-one-out"),
            std::string::npos);
}

TEST(TimeSplit, RefusesALogOfOneInstant) {
  const Log log =
      LogBuilder().add("u", "a", day(1)).add("v", "b", day(1)).build();
  EXPECT_NE(refusal(log, kind("time")).find("1970-01-02"), std::string::npos);
}

TEST(TimeSplit, RefusesCutsInTheWrongOrderAndSharesThatLeaveNothing) {
  SplitOptions o = shop_cuts();
  std::swap(o.validation_from, o.test_from);
  EXPECT_NE(refusal(shop(), o), "");
  o = kind("time");
  o.test = 0.7;
  o.validation = 0.4;
  EXPECT_NE(refusal(shop(), o), "");
}

TEST(LeaveOneOut, AsksForTheLastEventAndValidatesOnTheOneBefore) {
  const Log log = shop();
  const Split split = make_split(log, kind("leave-one-out"));
  ASSERT_EQ(split.test.size(), 2u);
  EXPECT_EQ(split.test[0].history, 3u);
  EXPECT_EQ(split.test[0].targets.begin, 3u);
  EXPECT_EQ(split.validation[0].history, 2u);
  EXPECT_EQ(split.train[0].end, 2u);
  EXPECT_TRUE(split.remove_seen);
  EXPECT_FALSE(split.leak_free_in_time);
  EXPECT_NE(split.description.find("not leak-free in global time"),
            std::string::npos);
}

TEST(LeaveOneOut, TrainsOnAllOfAUserWithTwoEvents) {
  const Log log = LogBuilder()
                      .add("short", "a", day(0))
                      .add("short", "b", day(1))
                      .add("long", "a", day(0))
                      .add("long", "b", day(1))
                      .add("long", "c", day(2))
                      .build();
  const Split split = make_split(log, kind("leave-one-out"));
  ASSERT_EQ(split.test.size(), 1u);
  EXPECT_EQ(split.train[events::index(user(log, "short"))].end, 2u);
  EXPECT_EQ(split.train[events::index(user(log, "long"))].end, 1u);
}

TEST(LeaveOneOut, PassesOverEventsWithoutItem) {
  const Log log = LogBuilder()
                      .add("u", "a", day(0))
                      .add("u", "b", day(1))
                      .add("u", "", day(2), "search")
                      .add("u", "c", day(3))
                      .add("u", "", day(4), "search")
                      .build();
  const Split split = make_split(log, kind("leave-one-out"));
  EXPECT_EQ(split.test[0].targets.begin, 3u);
  EXPECT_EQ(split.validation[0].targets.begin, 1u);
  EXPECT_EQ(split.train[0].end, 1u);
}

TEST(LeaveOneOut, KeepsSeenItemsWhenTold) {
  SplitOptions o = kind("leave-one-out");
  o.keep_seen = true;
  EXPECT_FALSE(make_split(shop(), o).remove_seen);
}

// Four events of one user whose second and third were swapped in the source.
Log disordered() {
  const Log good = LogBuilder()
                       .add("u", "a", day(0))
                       .add("u", "b", day(0))
                       .add("u", "c", day(0))
                       .add("u", "d", day(1))
                       .build();
  const auto seqs = std::make_shared<std::vector<std::uint64_t>>(
      std::vector<std::uint64_t>{0, 2, 1, 3});
  auto columns = good.columns();
  columns.seqs = *seqs;
  struct Keep {
    Log log;
    std::shared_ptr<std::vector<std::uint64_t>> seqs;
  };
  return {good.schema(),
          {good.user_names(), good.item_names(), good.action_names()},
          columns,
          std::make_shared<Keep>(Keep{good, seqs})};
}

TEST(LeaveOneOut, RefusesAUserWhoseOrderIsBroken) {
  const std::string word = refusal(disordered(), kind("leave-one-out"));
  EXPECT_NE(word.find("user 'u', event 2 with seq 1 after seq 2"),
            std::string::npos)
      << word;
}

TEST(ByUser, AsksEveryPrefixOfTheLastUsersAndLearnsNothingFromThem) {
  events::Schema schema;
  schema.has_clock = false;
  LogBuilder builder(schema);
  for (int i = 0; i < 12; ++i) {  // users 0, 1, 2, four events each
    builder.add(std::to_string(i / 4), std::to_string(i % 4), Millis{i});
  }
  SplitOptions o = kind("by-user");
  o.users = "last";
  o.test_users = 1;
  o.validation = 0.3;
  const Log log = builder.build();
  const Split split = make_split(log, o);
  ASSERT_EQ(split.test.size(), 3u);
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(split.test[i].user, user(log, "2"));
    EXPECT_EQ(split.test[i].history, i + 1);
  }
  EXPECT_EQ(split.validation[0].user, user(log, "1"));
  EXPECT_EQ(split.train_events(), 4u);
}

TEST(ByUser, DrawsTheSameUsersForTheSameSeed) {
  const Log log = random_log(1);
  SplitOptions o = kind("by-user");
  const auto users = [&] {
    std::set<UserId> out;
    for (const Query& q : make_split(log, o).test) out.insert(q.user);
    return out;
  };
  const auto once = users();
  EXPECT_EQ(users(), once);
  EXPECT_EQ(once.size(), 4u);  // a tenth of 40
  o.seed = 2;
  EXPECT_NE(users(), once);
}

TEST(ByUser, RefusesMoreTestUsersThanThereAre) {
  SplitOptions o = kind("by-user");
  o.test_users = 2;
  EXPECT_NE(refusal(shop(), o), "");
}

TEST(RollingUser, AsksEveryKnownUserAtTheLastDateAboutOneHorizon) {
  LogBuilder builder;
  for (int d = 0; d < 100; ++d) builder.add("daily", "a", day(d));
  builder.add("gone", "a", day(3)).add("late", "a", day(95));
  SplitOptions o = kind("rolling-user");
  o.horizon_days = 10;
  const Log log = builder.build();
  const Split split = make_split(log, o);
  EXPECT_EQ(split.dates, (std::vector{day(70), day(80), day(90)}));
  EXPECT_EQ(split.test_cut, day(90));
  ASSERT_EQ(split.test.size(), 2u);  // "late" is not known on day 90
  EXPECT_EQ(split.test[0].history, 90u);
  EXPECT_EQ(split.test[0].targets.size(), 10u);
  EXPECT_EQ(split.test[1].user, user(log, "gone"));
  EXPECT_EQ(split.test[1].targets.size(), 0u);  // nothing happens: a label too
  EXPECT_EQ(split.validation[0].targets.size(), 10u);
  EXPECT_EQ(split.train[0].end, 80u);
}

TEST(RollingUser, RefusesALogShorterThanItsHorizons) {
  const std::string word = refusal(shop(), kind("rolling-user"));
  EXPECT_NE(word.find("10 days"), std::string::npos) << word;
}

TEST(EverySplit, KeepsItsContractOnRandomLogs) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    RandomLog shape;
    shape.grid_ms = seed % 3 == 0 ? events::kDayMs : events::kHourMs;
    shape.schema.order_within_instant = seed % 2 == 1;
    const Log log = random_log(seed, shape);
    for (const char* name :
         {"time", "leave-one-out", "by-user", "rolling-user"}) {
      SplitOptions o = kind(name);
      o.horizon_days = 10;
      const Split split = make_split(log, o);
      EXPECT_TRUE(check_contract(log, split).empty()) << name;
      EXPECT_FALSE(split.test.empty()) << name;
      EXPECT_GT(split.train_events(), 0u) << name;
    }
  }
}

TEST(EverySplit, ListsWhatItKnowsWhenAskedForAnUnknownKind) {
  try {
    make_split(shop(), kind("alphabetic"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kNotFound);
    EXPECT_NE(std::string(error.what()).find("leave-one-out"),
              std::string::npos);
  }
}

TEST(EverySplit, RefusesAnEmptyLog) {
  EXPECT_NE(refusal(LogBuilder().build(), kind("leave-one-out")), "");
}

// ---- contracts that do not hold are told, each in its sentence

bool tells(const std::vector<std::string>& sentences, const char* part) {
  return std::any_of(sentences.begin(), sentences.end(), [&](const auto& s) {
    return s.find(part) != std::string::npos;
  });
}

TEST(Contract, TellsATrainingEventBehindTheCut) {
  const Log log = shop();
  Split split = make_split(log, shop_cuts());
  split.train[0].end = 2;
  const auto broken = check_contract(log, split);
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_TRUE(tells(broken, "no training event stands at or after the cut"));
  EXPECT_TRUE(tells(broken, "user 'ann', event 1"));
}

TEST(Contract, TellsADividedBasket) {
  const Log log = shop();
  Split split = make_split(log, shop_cuts());
  split.test[0].history = split.test[0].targets.begin = 2;
  const auto broken = check_contract(log, split);
  EXPECT_TRUE(tells(broken, "strictly earlier"));
  EXPECT_TRUE(tells(broken, "is a target once"));
}

TEST(Contract, TellsAHistoryThatReachesIntoItsTargets) {
  const Log log = shop();
  Split split = make_split(log, shop_cuts());
  split.test[0].history = 2;
  EXPECT_TRUE(tells(check_contract(log, split), "ends before its targets"));
}

TEST(Contract, TellsAMissingQuestion) {
  const Log log = shop();
  Split split = make_split(log, shop_cuts());
  split.test.pop_back();
  EXPECT_TRUE(tells(check_contract(log, split), "is a target once"));
}

TEST(Contract, TellsAJudgedUserWhoIsLearntFrom) {
  const Log log = random_log(5);
  Split split = make_split(log, kind("by-user"));
  split.train[events::index(split.test[0].user)].end = 1;
  EXPECT_TRUE(tells(check_contract(log, split), "have no training events"));
}

TEST(Contract, TellsAnEarlierEventAskedForInLeaveOneOut) {
  const Log log = shop();
  Split split = make_split(log, kind("leave-one-out"));
  split.test[1].history = 2;
  split.test[1].targets = {2, 3};
  EXPECT_TRUE(tells(check_contract(log, split), "last event with an item"));
}

TEST(Contract, TellsTrainingThatReachesTheTargetsOfLeaveOneOut) {
  const Log log = shop();
  Split split = make_split(log, kind("leave-one-out"));
  split.train[0].end = 3;
  EXPECT_TRUE(tells(check_contract(log, split), "training ends before"));
}

}  // namespace
}  // namespace ensue::judge
