// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/returns.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;

events::Log log() {
  events::LogBuilder out;
  out.add("ann", "cup", Millis{0}, "buy")
      .add("ann", "plate", Millis{0}, "buy")  // a basket is one purchase
      .add("ann", "cup", Millis{4 * kDay}, "view")
      .add("ann", "cup", Millis{10 * kDay}, "buy")
      .add("bob", "cup", Millis{6 * kDay}, "buy")
      .add("eve", "cup", Millis{8 * kDay}, "buy")
      .add("eve", "cup", Millis{12 * kDay}, "buy")
      .add("eve", "cup", Millis{50 * kDay}, "buy");
  return out.build();
}

events::ActionId buy(const events::Log& log) {
  return events::ActionId{
      static_cast<std::uint8_t>(*log.action_names().find("buy"))};
}

TEST(Returns, CountGapsFromEachPurchaseAndWhatGoesOn) {
  const events::Log all = log();
  // As of day 20: first purchases waited 10 (ann), 4 (eve), 14+ (bob); second
  // ones 10+ (ann) and 8+ (eve); day 50 is not known yet.
  const Returns returns(all, buy(all), Millis{20 * kDay});
  const auto* first = returns.of_class(0);
  ASSERT_NE(first, nullptr);
  EXPECT_DOUBLE_EQ(first->at(4), 2.0 / 3);
  EXPECT_DOUBLE_EQ(first->at(10), 1.0 / 3);
  ASSERT_NE(returns.of_class(1), nullptr);
  EXPECT_DOUBLE_EQ(returns.of_class(1)->at(100), 1);
  EXPECT_EQ(returns.of_class(2), nullptr);
  EXPECT_DOUBLE_EQ(returns.everybody().at(4), 4.0 / 5);
}

TEST(Returns, OfACustomerGoOnFromWhereTheyAre) {
  const events::Log all = log();
  const Returns returns(all, buy(all), Millis{11 * kDay});
  const auto eve = purchases_until(
      all.history(events::UserId{*all.user_names().find("eve")}), buy(all),
      Millis{11 * kDay});
  EXPECT_EQ(eve.count, 1U);
  EXPECT_EQ(count(eve.last), 8 * kDay);
  // Known of first purchases: ann returned after 10 days, bob waits for 5.
  EXPECT_DOUBLE_EQ(returns.away(eve, 6), 1);  // 9 days after the last one
  EXPECT_DOUBLE_EQ(returns.away(eve, 8), 0);  // 11 days after it
  EXPECT_TRUE(std::isnan(returns.away({}, 5)));
}

TEST(Returns, ClassesCoverEveryCount) {
  const std::size_t of[] = {0, 0, 1, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4};
  for (std::size_t n = 1; n < std::size(of); ++n) {
    EXPECT_EQ(return_class(n), of[n]) << n;
  }
  EXPECT_EQ(return_class_name(0), "1");
  EXPECT_EQ(return_class_name(2), "3 to 5");
  EXPECT_EQ(return_class_name(4), "11 on");
}

TEST(Returns, WithoutAPurchaseAreRefused) {
  const events::Log all = log();
  EXPECT_THROW(Returns(all, buy(all), Millis{0}), Error);
}

}  // namespace
}  // namespace ensue::tasks
