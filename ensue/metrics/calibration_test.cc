// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/calibration.h"

#include <gtest/gtest.h>

#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

using Numbers = std::vector<double>;

TEST(Reliability, HasAsManyRowsInEveryBin) {
  Numbers said, labels;
  for (int i = 0; i < 20; ++i) {
    said.push_back(i / 20.0);
    labels.push_back(i % 2);
  }
  const auto bins = reliability(said, labels, 5);
  ASSERT_EQ(bins.size(), 5U);
  for (const auto& bin : bins) {
    EXPECT_EQ(bin.weight, 4);
    EXPECT_DOUBLE_EQ(bin.observed, 0.5);
  }
  EXPECT_DOUBLE_EQ(bins[0].predicted, (0 + 1 + 2 + 3) / 80.0);
}

TEST(Reliability, KeepsEqualProbabilitiesTogether) {
  const auto bins =
      reliability(Numbers{.3, .3, .3, .3, .9}, Numbers{0, 1, 0, 0, 1}, 5);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_DOUBLE_EQ(bins[0].observed, 0.25);
  EXPECT_DOUBLE_EQ(bins[1].predicted, 0.9);
}

TEST(Ece, IsTheMeanDistanceOverRows) {
  // Bins {.2, .2} with one positive and {.6, .6} with two.
  EXPECT_NEAR(ece(Numbers{.2, .6, .2, .6}, Numbers{1, 1, 0, 1}, 2),
              0.5 * 0.3 + 0.5 * 0.4, 1e-12);
}

TEST(Ece, IsSmallForAnswersThatAreTrue) {
  Rng rng(1);
  Numbers said, labels, wrong;
  for (int i = 0; i < 50000; ++i) {
    said.push_back(rng.uniform());
    labels.push_back(rng.chance(said.back()) ? 1 : 0);
    wrong.push_back(said.back() * said.back());
  }
  EXPECT_LT(ece(said, labels), 0.01);
  // The mean of |p - p^2| over [0, 1].
  EXPECT_NEAR(ece(wrong, labels), 1.0 / 6, 0.01);
}

TEST(Ece, DoesNotDependOnTheOrderOfRows) {
  EXPECT_DOUBLE_EQ(ece(Numbers{.5, .5, .5, .1}, Numbers{1, 0, 0, 1}, 2),
                   ece(Numbers{.1, .5, .5, .5}, Numbers{1, 0, 0, 1}, 2));
}

TEST(Ece, CountsARowOfWeightTwoAsTwoRows) {
  EXPECT_DOUBLE_EQ(
      ece(Numbers{.1, .7, .4}, Numbers{0, 1, 1}, 2, Numbers{2, 1, 1}),
      ece(Numbers{.1, .1, .7, .4}, Numbers{0, 0, 1, 1}, 2));
}

TEST(Ece, RefusesNoBinsAndWhatIsNoProbability) {
  EXPECT_THROW(ece(Numbers{.1}, Numbers{1}, 0), Error);
  EXPECT_THROW(ece(Numbers{1.1}, Numbers{1}), Error);
  EXPECT_THROW(ece(Numbers{}, Numbers{}), Error);
}

}  // namespace
}  // namespace ensue::metrics
