// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/uplift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

struct Shop {
  std::vector<double> scores, outcomes, weights;
  std::vector<std::uint8_t> treated;

  Experiment view(bool weighted = false) const {
    return {scores, outcomes, treated,
            weighted ? std::span<const double>(weights)
                     : std::span<const double>()};
  }
};

// The effect of a customer is its own uniform number, halved.
Shop random_shop(std::size_t customers, std::uint64_t seed) {
  Rng rng(seed);
  Shop out;
  for (std::size_t i = 0; i < customers; ++i) {
    const double x = rng.uniform();
    const bool treated = rng.chance(0.5);
    out.scores.push_back(x);
    out.treated.push_back(treated ? 1 : 0);
    out.outcomes.push_back(rng.chance(0.2 + (treated ? x / 2 : 0)) ? 1 : 0);
    out.weights.push_back(static_cast<double>(rng.below(3)));
  }
  return out;
}

double gain_of_first(const Shop& shop, std::size_t customers) {
  double yt = 0, nt = 0, yc = 0, nc = 0, all = 0;
  for (std::size_t i = 0; i < shop.scores.size(); ++i) {
    all += shop.treated[i];
    if (i >= customers) continue;
    (shop.treated[i] != 0 ? nt : nc) += 1;
    (shop.treated[i] != 0 ? yt : yc) += shop.outcomes[i];
  }
  return (yt - (nc > 0 ? yc * nt / nc : 0)) / all;
}

TEST(QiniCurve, EqualsThePlainSumsOfEveryPrefix) {
  Shop shop = random_shop(200, 1);
  for (std::size_t i = 0; i < 200; ++i) {
    shop.scores[i] = 200 - static_cast<double>(i);
  }
  const auto curve = qini_curve(shop.view());
  ASSERT_EQ(curve.size(), 201U);
  double height = 0;
  for (std::size_t i = 0; i <= 200; ++i) {
    EXPECT_NEAR(curve[i].share, static_cast<double>(i) / 200, 1e-12);
    EXPECT_NEAR(curve[i].gain, gain_of_first(shop, i), 1e-12) << i;
    height += (curve[i].gain - curve[i].share * curve[200].gain) / 200;
  }
  EXPECT_NEAR(qini(shop.view()), height, 1e-12);  // 0 at both ends
}

TEST(Qini, IsZeroWhenAllScoresAreEqual) {
  Shop shop = random_shop(100, 2);
  shop.scores.assign(100, 0.5);
  EXPECT_NEAR(qini(shop.view()), 0, 1e-12);
}

// Effect x / 2 of x uniform: addressing the best share s gains
// s/2 - s^2/4 against s/4 for random; the mean of s/4 - s^2/4 is 1/24.
TEST(Qini, ApproachesTheKnownValueOfTheTrueEffects) {
  EXPECT_NEAR(qini(random_shop(400000, 3).view()), 1.0 / 24, 0.002);
  // s (1 - s/2) / 2 on average.
  EXPECT_NEAR(auuc(random_shop(400000, 3).view()), 1.0 / 6, 0.003);
}

TEST(Qini, ChangesItsSignWithTheScores) {
  Shop shop = random_shop(100000, 4);
  for (double& score : shop.scores) score = -score;
  EXPECT_NEAR(qini(shop.view()), -1.0 / 24, 0.004);
}

TEST(UpliftMetrics, CountARowOfWeightTwoAsTwoRows) {
  const Shop shop = random_shop(300, 5);
  Shop plain;
  for (std::size_t i = 0; i < 300; ++i) {
    for (int n = 0; n < static_cast<int>(shop.weights[i]); ++n) {
      plain.scores.push_back(shop.scores[i]);
      plain.outcomes.push_back(shop.outcomes[i]);
      plain.treated.push_back(shop.treated[i]);
    }
  }
  EXPECT_NEAR(qini(shop.view(true)), qini(plain.view()), 1e-12);
  EXPECT_NEAR(auuc(shop.view(true)), auuc(plain.view()), 1e-12);
  EXPECT_NEAR(uplift_at(0.3, shop.view(true)), uplift_at(0.3, plain.view()),
              1e-12);
}

TEST(UpliftAt, IsTheEffectAmongTheBest) {
  const Shop shop = {{4, 3, 2, 1}, {1, 0, 1, 1}, {}, {1, 0, 1, 0}};
  EXPECT_DOUBLE_EQ(uplift_at(0.5, shop.view()), 1);
  EXPECT_DOUBLE_EQ(uplift_at(1, shop.view()), 0.5);
}

TEST(UpliftAt, TakesPartOfThoseWhoTie) {
  // Half of four customers that are all equal: their common effect.
  const Shop shop = {{1, 1, 1, 1}, {1, 0, 1, 1}, {}, {1, 0, 1, 0}};
  EXPECT_DOUBLE_EQ(uplift_at(0.5, shop.view()), 0.5);
}

TEST(UpliftMetrics, RefuseWhatIsNoExperiment) {
  const Shop one_arm = {{1, 2}, {1, 0}, {}, {1, 1}};
  EXPECT_THROW(qini(one_arm.view()), Error);
  EXPECT_THROW(auuc(Experiment{}), Error);
  const Shop short_arms = {{1, 2}, {1, 0}, {}, {1}};
  EXPECT_THROW(qini(short_arms.view()), Error);
  const Shop late = {{4, 3, 2, 1}, {1, 0, 1, 1}, {}, {1, 1, 0, 0}};
  EXPECT_THROW(uplift_at(0.5, late.view()), Error);
  EXPECT_THROW(uplift_at(0, late.view()), Error);
}

}  // namespace
}  // namespace ensue::metrics
