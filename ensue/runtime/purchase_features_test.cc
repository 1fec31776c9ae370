// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/purchase_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ensue/runtime/purchases.h"

namespace ensue::runtime {
namespace {

constexpr artifact::BgNbd kModel = {0.25, 4.8, 0.72, 2.2};

double feature(std::string_view name, const std::vector<Purchase>& past,
               double now, double horizon_days = 70) {
  std::vector<double> out(kPurchaseFeatures.size());
  purchase_features(kModel, past, now, horizon_days, out);
  const auto place = std::ranges::find(kPurchaseFeatures, name);
  return out.at(static_cast<std::size_t>(place - kPurchaseFeatures.begin()));
}

const std::vector<Purchase> kThree = {
    {7, 10, 1, 1}, {14, 20, 2, 1}, {35, 60, 3, 3}};

TEST(PurchaseFeatures, AreWhatAHandComputes) {
  const auto of = [](std::string_view name) {
    return feature(name, kThree, 50);
  };
  EXPECT_DOUBLE_EQ(of("log_repeats"), std::log(3));
  EXPECT_DOUBLE_EQ(of("recency_share"), 4 / 6.0);
  EXPECT_DOUBLE_EQ(of("log_silence"), std::log(1 + 2));
  EXPECT_DOUBLE_EQ(of("silence_gaps"), std::log(1 + 2 / 2.0));
  EXPECT_DOUBLE_EQ(of("late_repeats"), 0);  // day 35 of 7 … 50
  EXPECT_DOUBLE_EQ(of("gap_spread"), 0.5);  // gaps of 1 and 3 weeks
  EXPECT_DOUBLE_EQ(of("longest_gap"), std::log(4));
  EXPECT_DOUBLE_EQ(of("paid"), std::log(31));
  EXPECT_DOUBLE_EQ(of("first_paid"), std::log(11));
  EXPECT_DOUBLE_EQ(of("last_pieces"), std::log(4));
  EXPECT_DOUBLE_EQ(of("receipts"), std::log(3));
  EXPECT_DOUBLE_EQ(of("price"), std::log(16));
  EXPECT_DOUBLE_EQ(of("log_age"), std::log(7));
  EXPECT_DOUBLE_EQ(of("log_horizon"), std::log(10));
}

TEST(PurchaseFeatures, SplitTheExpectedPurchases) {
  const double both =
      feature("log_alive", kThree, 50) + feature("log_if_alive", kThree, 50);
  EXPECT_NEAR(both, std::log(expected_purchases(kModel, {2, 4, 6, 0}, 10)),
              1e-12);
}

TEST(PurchaseFeatures, AreFiniteForACustomerOfYesterday) {
  std::vector<double> out(kPurchaseFeatures.size());
  purchase_features(kModel, std::vector<Purchase>{{7, 0, 0, 1}}, 8, 7, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_TRUE(std::isfinite(out[i])) << kPurchaseFeatures[i];
  }
}

}  // namespace
}  // namespace ensue::runtime
