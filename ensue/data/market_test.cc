// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/market.h"

#include <gtest/gtest.h>

#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

using events::LogBuilder, events::Millis;

// 400 days from a Thursday on: cups are bought at 9, pans at 20 o'clock; new
// ones come up in the last quarter, old ones go; every third day is a promotion
// on which twice as many views become purchases.
events::Log shop() {
  LogBuilder log;
  const auto add = [&](int day, int hour, const std::string& item,
                       const char* action, const std::string& kind) {
    log.add("u" + std::to_string(day % 7), item,
            Millis{day * events::kDayMs + hour * events::kHourMs}, action, 2)
        .with("kind", kind)
        .with("promotion", day % 3 == 0 ? "spring" : "");
  };
  for (int day = 0; day < 400; ++day) {
    add(day, 9, "cup", "purchase", "cups");
    add(day, 20, day < 300 ? "old" : "new", "purchase", "pans");
    add(day, 21, "pan", "view", "pans");
    if (day % 3 == 0) add(day, 22, "pan", "purchase", "pans");
  }
  return log.build();
}

TEST(Market, ComparesTheLastQuarterWithTheOneBefore) {
  const Market market = describe_market(shop());
  EXPECT_EQ(market.action, "purchase");
  EXPECT_EQ(market.by, "kind");
  ASSERT_EQ(market.growing.size(), 1U);
  EXPECT_EQ(market.growing[0].name, "new");
  EXPECT_EQ(market.growing[0].earlier, 0U);
  ASSERT_EQ(market.fading.size(), 1U);
  EXPECT_EQ(market.fading[0].name, "old");
  EXPECT_EQ(market.bought, 400U + 400 + 134);
  EXPECT_EQ(market.weeks.size(), 58U);
}

TEST(Market, SaysWhatIsBoughtWhen) {
  const Market market = describe_market(shop());
  EXPECT_EQ(market.hours[9].bought, 400U);
  EXPECT_EQ(market.hours[9].favourite, "cups");
  EXPECT_DOUBLE_EQ(market.hours[9].lift, 934.0 / 400);
  EXPECT_EQ(market.hours[20].favourite, "pans");
  EXPECT_EQ(market.hours[3].bought, 0U);
  EXPECT_EQ(market.hours[3].favourite, "");
  EXPECT_EQ(market.weekdays.size(), 7U);
}

TEST(Market, CountsWhatPromotionsSell) {
  const Market market = describe_market(shop());
  ASSERT_EQ(market.promotions.size(), 2U);
  EXPECT_EQ(market.promotions[0].value, "none");
  EXPECT_EQ(market.promotions[0].events, 266U * 3);
  EXPECT_EQ(market.promotions[0].bought, 266U * 2);
  EXPECT_EQ(market.promotions[1].value, "spring");
  EXPECT_EQ(market.promotions[1].events, 134U * 4);
  EXPECT_EQ(market.promotions[1].bought, 134U * 3);
  EXPECT_EQ(market.promotions[1].value_mean, 2);
}

TEST(Market, RefusesWhatIsNotInTheLog) {
  EXPECT_EQ(error_of([] { describe_market(shop(), {.action = "rent"}); }),
            "invalid market: nobody did 'rent' in this log");
  EXPECT_NE(error_of([] {
              describe_market(shop(), {.by = "colour"});
            }).find("unknown column 'colour'"),
            std::string::npos);
}

}  // namespace
}  // namespace ensue::data
