// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/describe.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ensue::data {
namespace {

using events::LogBuilder;
using events::Millis;

constexpr std::int64_t kStart = 1'700'000'000'123;

bool warns(const Description& d, std::string_view words) {
  return std::any_of(d.warnings.begin(), d.warnings.end(), [&](const auto& w) {
    return w.find(words) != std::string::npos;
  });
}

events::Log small() {
  LogBuilder log;
  for (int i = 0; i < 4; ++i) {
    log.add("a", i < 3 ? "x" : "y", Millis{kStart + i * 3'600'000}, "view");
  }
  log.add("b", "z", Millis{kStart}, "buy");
  return log.build();
}

TEST(Describe, CountsEventsUsersItemsAndActions) {
  const Description d = describe(small());
  EXPECT_EQ(d.events, 5U);
  EXPECT_EQ(d.users, 2U);
  EXPECT_EQ(d.items, 3U);
  EXPECT_EQ(d.actions, (std::vector<Bar>{{"view", 4}, {"buy", 1}}));
  EXPECT_EQ(count(d.last) - count(d.first), 3 * 3'600'000);
}

TEST(Describe, SortsUsersByTheLengthOfTheirHistory) {
  const Description d = describe(small());
  EXPECT_EQ(d.lengths, (std::vector<Bar>{{"1", 1}, {"2", 0}, {"3-4", 1}}));
  EXPECT_EQ(d.longest, 4U);
  EXPECT_DOUBLE_EQ(d.mean_length, 2.5);
  EXPECT_DOUBLE_EQ(d.one_event, 0.5);
}

TEST(Describe, PopularityCurveRisesToOne) {
  const Description d = describe(small());
  ASSERT_EQ(d.popularity.size(), 21U);
  EXPECT_DOUBLE_EQ(d.popularity[0], 0);
  EXPECT_DOUBLE_EQ(d.popularity[1], 0.6);  // one of three items: 3 of 5 events
  EXPECT_DOUBLE_EQ(d.popularity[20], 1);
}

TEST(Describe, GapsFallIntoSpansOfTime) {
  const Description d = describe(small());
  for (const Bar& bar : d.gaps) {
    EXPECT_EQ(bar.second, bar.first == "to 1 day" ? 3U : 0U) << bar.first;
  }
}

TEST(Describe, EventsOverTimeAddUp) {
  const Description d = describe(small());
  ASSERT_EQ(d.over_time.size(), 60U);
  EXPECT_EQ(d.over_time.front(), 2U);
  EXPECT_EQ(d.over_time.back(), 1U);
}

TEST(Describe, WarnsOfTiesOneEventUsersAndFewEvents) {
  LogBuilder log;
  log.add("a", "x", Millis{kStart}).add("a", "y", Millis{kStart});
  log.add("b", "x", Millis{kStart + 1});
  const Description d = describe(log.build());
  EXPECT_NEAR(d.ties, 2.0 / 3, 1e-12);
  EXPECT_TRUE(warns(d, "share their time"));
  EXPECT_TRUE(warns(d, "of the users have one event"));
  EXPECT_TRUE(warns(d, "only 3 events"));
}

TEST(Describe, WarnsOfAClockThatStandsStill) {
  LogBuilder log;
  log.add("a", "x", Millis{kStart}).add("b", "y", Millis{kStart});
  EXPECT_TRUE(warns(describe(log.build()), "the clock stands still"));
}

TEST(Describe, WarnsOfAClockThatOnlyCountsDays) {
  LogBuilder log;
  log.add("a", "x", Millis{0}).add("b", "y", Millis{events::kDayMs});
  EXPECT_TRUE(warns(describe(log.build()), "only counts days"));
}

TEST(Describe, WarnsOfALogWithoutItemsOrWithOne) {
  LogBuilder none, one;
  none.add("a", "", Millis{kStart}).add("a", "", Millis{kStart + 1});
  one.add("a", "x", Millis{kStart}).add("a", "x", Millis{kStart + 1});
  EXPECT_TRUE(warns(describe(none.build()), "no items"));
  EXPECT_TRUE(warns(describe(one.build()), "one item only"));
}

TEST(Describe, WarnsOfALogWithoutAClock) {
  events::Schema schema;
  schema.has_clock = false;
  LogBuilder log(schema);
  log.add("a", "x", Millis{0}).add("a", "y", Millis{1});
  const Description d = describe(log.build());
  EXPECT_TRUE(warns(d, "no clock"));
  EXPECT_TRUE(d.gaps.empty());
  EXPECT_TRUE(d.over_time.empty());
}

TEST(Describe, AnEmptyLogHasNoFigures) {
  const Description d = describe(LogBuilder().build());
  EXPECT_EQ(d.events, 0U);
  EXPECT_TRUE(d.popularity.empty());
}

}  // namespace
}  // namespace ensue::data
