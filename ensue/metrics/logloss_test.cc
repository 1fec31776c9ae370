// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/logloss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(LogSumExp, EqualsDoublePrecisionOnRandomLogits) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    std::vector<float> logits(1 + rng.below(4000));
    for (float& x : logits) x = static_cast<float>(5 * rng.normal());
    double sum = 0;
    for (const float x : logits) sum += std::exp(static_cast<double>(x));
    EXPECT_NEAR(log_sum_exp(logits), std::log(sum), 1e-6) << "seed " << seed;
  }
}

TEST(LogSumExp, HoldsForLogitsFarFromZero) {
  EXPECT_NEAR(log_sum_exp(std::vector<float>{1000, 1000}), 1000 + std::log(2.0),
              1e-9);
  EXPECT_NEAR(log_sum_exp(std::vector<float>(20, -1000.0F)),
              -1000 + std::log(20.0), 1e-9);
}

TEST(LogSumExp, TakesNanAndMinusInfinityAsImpossible) {
  EXPECT_NEAR(log_sum_exp(std::vector<float>{kNan, 2, -kInf, 2}),
              2 + std::log(2.0), 1e-9);
  EXPECT_EQ(log_sum_exp(std::vector<float>(40, kNan)), -kInf);
}

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
