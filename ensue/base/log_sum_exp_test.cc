// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/log_sum_exp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/base/rng.h"

namespace ensue {
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

}  // namespace
}  // namespace ensue
