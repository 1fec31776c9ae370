// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/logloss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/base/log_sum_exp.h"

namespace ensue::metrics {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Loss, OfAUniformDistributionIsTheLogOfTheItems) {
  const std::vector<float> logits(50, 3.0F);
  EXPECT_NEAR(loss_of(logits[7], log_sum_exp(logits)), std::log(50.0), 1e-6);
}

TEST(Loss, IsFiniteForAnImpossibleTarget) {
  EXPECT_DOUBLE_EQ(loss_of(-kInf, 1.0), kWorstLoss);
  EXPECT_DOUBLE_EQ(loss_of(kNan, 1.0), kWorstLoss);
  EXPECT_DOUBLE_EQ(loss_of(-kInf, -static_cast<double>(kInf)), kWorstLoss);
}

TEST(Logloss, IsTheMeanOverTheTargetsOfAQuestion) {
  const std::vector<double> losses = {1, 2, 6};
  EXPECT_DOUBLE_EQ(logloss({{}, losses}, 10), 3);
}

}  // namespace
}  // namespace ensue::metrics
