// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/churn.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/events/log.h"

namespace ensue::tasks {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;

double spend(std::int64_t day, int horizon) {
  events::LogBuilder builder;
  builder.add("ann", "cup", Millis{0}, "buy", 10)
      .add("ann", "cup", Millis{1 * kDay}, "view", 99)
      .add("ann", "cup", Millis{20 * kDay}, "buy", 30)
      .add("ann", "cup", Millis{60 * kDay}, "buy", 50);
  const events::Log log = builder.build();
  const features::EventColumn amount("value", features::names_of(log));
  return usual_spend(log.history(events::UserId{0}), Millis{day * kDay},
                     events::ActionId{static_cast<std::uint8_t>(
                         *log.action_names().find("buy"))},
                     amount, horizon);
}

TEST(Churn, UsualSpendIsARateOverTheTimeKnown) {
  EXPECT_DOUBLE_EQ(spend(40, 10), 10.0);      // 40 in 40 days
  EXPECT_DOUBLE_EQ(spend(60, 10), 40.0 / 6);  // the one at 60 is not known yet
  EXPECT_DOUBLE_EQ(spend(5, 10), 10.0);       // known for less than the horizon
  EXPECT_DOUBLE_EQ(spend(0, 10), 0);          // nothing before
  EXPECT_DOUBLE_EQ(spend(380, 73), 80.0 / 365 * 73);  // a year back alone
}

TEST(Churn, ListsTheMostMoneyFirst) {
  const std::vector<double> stays = {0.875, 0.2, 0.5, 0.5},
                            spends = {80, 10, 20, 20};
  const auto list = churn_list(stays, spends);
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].place, 0U);  // 10 each for 0, 2 and 3: by place
  EXPECT_EQ(list[1].place, 2U);
  EXPECT_EQ(list[2].place, 3U);
  EXPECT_EQ(list[3].place, 1U);
  EXPECT_DOUBLE_EQ(list[3].value_at_risk, 8);
  EXPECT_THROW(churn_list(stays, std::span(spends).first(2)), Error);
}

}  // namespace
}  // namespace ensue::tasks
