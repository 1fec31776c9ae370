// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/missing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

const double kGap = std::nan("");

TEST(Missing, MeanAndMedianFillEveryGap) {
  Numbers mean = {1, kGap, 2, 9}, median = {1, kGap, 2, 9};
  EXPECT_EQ(fill_mean(mean), 1U);
  EXPECT_DOUBLE_EQ(mean[1], 4);
  EXPECT_EQ(fill_median(median), 1U);
  EXPECT_DOUBLE_EQ(median[1], 2);
}

TEST(Missing, MedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  Numbers column = {1, 10, kGap, 4, 2};
  fill_median(column);
  EXPECT_DOUBLE_EQ(column[2], 3);
}

TEST(Missing, InterpolateFollowsTheLineInTimeWithinAUser) {
  Numbers column = {10, kGap, kGap, 40, 100, kGap};
  const std::vector<std::uint32_t> users = {0, 0, 0, 0, 1, 1};
  const std::vector<std::int64_t> times = {0, 10, 25, 30, 0, 5};
  EXPECT_EQ(fill_interpolate(column, users, times), 3U);
  EXPECT_DOUBLE_EQ(column[1], 20);
  EXPECT_DOUBLE_EQ(column[2], 35);
  EXPECT_DOUBLE_EQ(column[5], 100);  // after the last: the nearest
}

TEST(Missing, InterpolateGivesUsersWithoutAnyValueTheMedian) {
  Numbers column = {kGap, 1, 3, 8};
  const std::vector<std::uint32_t> users = {0, 1, 2, 3};
  const std::vector<std::int64_t> times = {0, 0, 0, 0};
  EXPECT_EQ(fill_interpolate(column, users, times), 1U);
  EXPECT_DOUBLE_EQ(column[0], 3);
}

TEST(Missing, InterpolateAtOneInstantGoesHalfway) {
  Numbers column = {2, kGap, 4};
  const std::vector<std::uint32_t> users = {0, 0, 0};
  const std::vector<std::int64_t> times = {7, 7, 7};
  fill_interpolate(column, users, times);
  EXPECT_DOUBLE_EQ(column[1], 3);
}

TEST(Missing, RegressFindsAPlantedLinearRule) {
  Numbers a, b, y, truth;
  for (int i = 0; i < 200; ++i) {
    a.push_back(i % 17);
    b.push_back(1000 + i % 5);
    truth.push_back(3 + 2 * a.back() - 0.5 * b.back());
    y.push_back(i % 10 == 4 ? kGap : truth.back());
  }
  const std::vector<const Numbers*> others = {&a, &b};
  EXPECT_EQ(fill_regress(y, others), 20U);
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_NEAR(y[i], truth[i], 1e-8) << "row " << i;
  }
}

TEST(Missing, RegressIgnoresAColumnThatRepeatsAnother) {
  Numbers a, twice, y;
  for (int i = 0; i < 50; ++i) {
    a.push_back(i);
    twice.push_back(2 * i);
    y.push_back(i == 20 ? kGap : 5.0 * i);
  }
  const std::vector<const Numbers*> others = {&a, &twice};
  fill_regress(y, others);
  EXPECT_NEAR(y[20], 100, 1e-6);
}

TEST(Missing, RegressTakesTheMeanForGapsOfThePredictors) {
  Numbers a = {0, 1, 2, kGap}, y = {10, 20, 30, kGap};
  const std::vector<const Numbers*> others = {&a};
  fill_regress(y, others);
  EXPECT_NEAR(y[3], 20, 1e-9);
}

TEST(Missing, RegressNeedsAColumnThatVaries) {
  Numbers y = {1, kGap}, constant = {5, 5};
  const std::vector<const Numbers*> others = {&constant};
  EXPECT_THROW(fill_regress(y, others), Error);
}

TEST(Missing, AColumnWithoutAnyNumberStays) {
  Numbers column = {kGap, kGap};
  EXPECT_EQ(fill_mean(column), 0U);
  EXPECT_EQ(fill_median(column), 0U);
  EXPECT_TRUE(std::isnan(column[0]));
}

TEST(Missing, RulesAreColumnAndMethod) {
  const auto rules = missing_rules({{"value=drop", "a=b=mean"}});
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].fill, Fill::kDrop);
  EXPECT_EQ(rules[1].column, "a=b");
  EXPECT_THROW(missing_rules({{"value"}}), Error);
}

}  // namespace
}  // namespace ensue::data
