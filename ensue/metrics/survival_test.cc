// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/survival.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

using Flags = std::vector<unsigned char>;

// Remission of 21 patients under 6-MP (Freireich et al. 1963), the textbook
// case: survival after 6, 7, 10, 13, 16, 22 and 23 weeks.
TEST(Survival, OfFreireichsPatients) {
  const std::vector<double> weeks = {6,  6,  6,  7,  10, 13, 16, 22, 23, 6, 9,
                                     10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
  Flags ended(21, 0);
  std::fill(ended.begin(), ended.begin() + 9, 1);
  const SurvivalCurve curve = kaplan_meier(weeks, ended);
  const double known[][2] = {{6, 0.8571},  {7, 0.8067},  {10, 0.7529},
                             {13, 0.6902}, {16, 0.6275}, {22, 0.5378},
                             {23, 0.4482}};
  ASSERT_EQ(curve.steps().size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(curve.steps()[i].time, known[i][0]);
    EXPECT_NEAR(curve.steps()[i].survival, known[i][1], 5e-5);
  }
  EXPECT_EQ(curve.steps()[0].at_risk, 21);
  EXPECT_EQ(curve.steps()[6].at_risk, 6);
  EXPECT_EQ(curve.at(5.9), 1);
  EXPECT_NEAR(curve.at(30), 0.4482, 5e-5);
  EXPECT_EQ(curve.quantile_left(0.5), 23);
  EXPECT_TRUE(std::isnan(curve.quantile_left(0.4)));
  // log(-log) intervals as published for week 10: .503 to .889.
  EXPECT_NEAR(curve.steps()[2].low, 0.503, 2e-3);
  EXPECT_NEAR(curve.steps()[2].high, 0.889, 2e-3);
  EXPECT_NEAR(curve.after(10, 6), 0.6275 / 0.7529, 1e-3);
}

TEST(Survival, WithoutCensoringIsTheEmpiricalShare) {
  const std::vector<double> d = {1, 2, 2, 5};
  const SurvivalCurve curve = kaplan_meier(d, Flags(4, 1));
  EXPECT_DOUBLE_EQ(curve.at(1), 0.75);
  EXPECT_DOUBLE_EQ(curve.at(4), 0.25);
  EXPECT_DOUBLE_EQ(curve.at(5), 0);
  EXPECT_TRUE(std::isnan(curve.after(5, 1)));
}

TEST(Survival, FindsTheRateThatMadeIt) {
  Rng rng(3);
  std::vector<double> d;
  Flags ended;
  for (int i = 0; i < 40'000; ++i) {
    const double life = 10 * rng.exponential(), watched = 20 * rng.uniform();
    d.push_back(std::min(life, watched));
    ended.push_back(life <= watched ? 1 : 0);
  }
  const SurvivalCurve curve = kaplan_meier(d, ended);
  for (const double t : {2.0, 5.0, 10.0, 15.0}) {
    EXPECT_NEAR(curve.at(t), std::exp(-t / 10), 0.012) << t;
  }
  EXPECT_NEAR(curve.after(5, 5), std::exp(-0.5), 0.02);
}

TEST(Survival, RefusesWhatIsNoDuration) {
  EXPECT_THROW(kaplan_meier({}, {}), Error);
  EXPECT_THROW(kaplan_meier(std::vector<double>{1, 2}, Flags{1}), Error);
  EXPECT_THROW(kaplan_meier(std::vector<double>{-1}, Flags{1}), Error);
  EXPECT_THROW(kaplan_meier(std::vector<double>{NAN}, Flags{1}), Error);
}

TEST(Survival, WithNothingEndedStaysOne) {
  const SurvivalCurve curve =
      kaplan_meier(std::vector<double>{3, 4}, Flags{0, 0});
  EXPECT_TRUE(curve.steps().empty());
  EXPECT_EQ(curve.at(100), 1);
}

}  // namespace
}  // namespace ensue::metrics
