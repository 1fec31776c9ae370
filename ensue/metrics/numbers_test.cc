// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::metrics {
namespace {

using Numbers = std::vector<double>;

const Numbers kSaid = {3, 0, 5}, kTruth = {1, 0, 6};

TEST(NumberMetrics, AreWhatAHandComputes) {
  EXPECT_DOUBLE_EQ(mae(kSaid, kTruth), 1);
  EXPECT_DOUBLE_EQ(rmse(kSaid, kTruth), std::sqrt(5.0 / 3));
  EXPECT_DOUBLE_EQ(wape(kSaid, kTruth), 3.0 / 7);
}

TEST(NumberMetrics, WeighRows) {
  const Numbers weights = {5, 1, 0};
  EXPECT_DOUBLE_EQ(mae(kSaid, kTruth, weights), 10.0 / 6);
  EXPECT_DOUBLE_EQ(rmse(kSaid, kTruth, weights), std::sqrt(20.0 / 6));
  EXPECT_DOUBLE_EQ(wape(kSaid, kTruth, weights), 10.0 / 5);
}

TEST(Pinball, OfTheMedianIsHalfTheAbsoluteError) {
  EXPECT_DOUBLE_EQ(pinball(0.5, kSaid, kTruth), mae(kSaid, kTruth) / 2);
}

TEST(Pinball, CostsNineTimesMoreBelowTheNinthDecile) {
  EXPECT_DOUBLE_EQ(pinball(0.9, Numbers{0}, Numbers{1}), 0.9);
  EXPECT_NEAR(pinball(0.9, Numbers{1}, Numbers{0}), 0.1, 1e-12);
  EXPECT_THROW(pinball(1, kSaid, kTruth), Error);
}

TEST(Mase, OfTheSeasonalNaiveAnswerOnItsOwnSeriesIsOne) {
  const Numbers series = {1, 5, 2, 7, 3, 3};
  const Numbers said = {1, 5, 2, 7}, truth = {2, 7, 3, 3};
  const NaiveErrors naive = naive_errors(series, 2);
  EXPECT_DOUBLE_EQ(mase(said, truth, naive), 1);
  EXPECT_DOUBLE_EQ(rmsse(said, truth, naive), 1);
}

TEST(NumberMetrics, RefuseWhatHasNoAnswer) {
  EXPECT_THROW(mae({}, {}), Error);
  EXPECT_THROW(rmse(Numbers{1}, Numbers{1, 2}), Error);
  EXPECT_THROW(mae(Numbers{INFINITY}, Numbers{1}), Error);
  EXPECT_THROW(wape(Numbers{1}, Numbers{0}), Error);
  EXPECT_THROW(naive_errors(Numbers{1, 2}, 2), Error);
  EXPECT_THROW(naive_errors(Numbers{1, 1, 1}), Error);
}

}  // namespace
}  // namespace ensue::metrics
