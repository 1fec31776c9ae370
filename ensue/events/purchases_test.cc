// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/purchases.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::events {
namespace {

constexpr std::int64_t kNoon = kDayMs / 2;

std::vector<Millis> days(std::initializer_list<double> days) {
  std::vector<Millis> out;
  for (const double day : days) {
    out.push_back(
        Millis{static_cast<std::int64_t>(day * static_cast<double>(kDayMs))});
  }
  return out;
}

TEST(SummarisePurchases, CountsInWeeksFromTheFirst) {
  const auto got =
      summarise_purchases(days({7, 14, 28}), {}, Millis{35 * kDayMs});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->repeats, 2);
  EXPECT_EQ(got->recency, 3);
  EXPECT_EQ(got->age, 27.0 / 7);  // day 34 is the last one seen
  EXPECT_EQ(got->spend, 0);
}

TEST(SummarisePurchases, TakesPurchasesOfOneDayAsOne) {
  const auto times = days({0, 3.1, 3.9, 5});
  const std::vector<float> paid = {100, 1, 2, 5};
  const auto got = summarise_purchases(times, paid, Millis{10 * kDayMs});
  EXPECT_EQ(got->repeats, 2);
  EXPECT_EQ(got->spend, (3 + 5) / 2.0);
  const auto apart = summarise_purchases(times, paid, Millis{10 * kDayMs},
                                         {.unit_days = 1, .merge_days = false});
  EXPECT_EQ(apart->repeats, 3);
  EXPECT_EQ(apart->recency, 5);
  EXPECT_EQ(apart->age, 10);
}

TEST(SummarisePurchases, KnowsNothingOfWhatComesAtOrAfterNow) {
  const auto times = days({0, 2, 4});
  const auto got = summarise_purchases(times, {}, Millis{4 * kDayMs});
  EXPECT_EQ(got->repeats, 1);
  EXPECT_EQ(got->age, 3.0 / 7);
  EXPECT_FALSE(summarise_purchases(times, {}, Millis{0}));
  EXPECT_FALSE(summarise_purchases({}, {}, Millis{0}));
}

TEST(SummarisePurchases, TheDayOfNowCountsOnceItHasBegun) {
  const auto got =
      summarise_purchases(days({0, 4}), {}, Millis{4 * kDayMs + kNoon});
  EXPECT_EQ(got->repeats, 1);
  EXPECT_EQ(got->age, 4.0 / 7);
}

TEST(SummarisePurchases, LeavesPurchasesWithoutValueOutOfTheMean) {
  const std::vector<float> paid = {1, NAN, 6};
  EXPECT_EQ(
      summarise_purchases(days({0, 2, 4}), paid, Millis{7 * kDayMs})->spend, 6);
}

TEST(SummarisePurchases, WorksBefore1970) {
  const auto got = summarise_purchases(days({-14, -7}), {}, Millis{0});
  EXPECT_EQ(got->recency, 1);
  EXPECT_EQ(got->age, 13.0 / 7);
}

TEST(SummarisePurchases, RefusesWhatDoesNotFit) {
  EXPECT_THROW(summarise_purchases(days({1}), std::vector<float>{1, 2},
                                   Millis{kDayMs * 9}),
               Error);
  EXPECT_THROW(
      summarise_purchases(days({1}), {}, Millis{kDayMs * 9}, {.unit_days = 0}),
      Error);
}

}  // namespace
}  // namespace ensue::events
