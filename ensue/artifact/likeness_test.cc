// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/likeness.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ensue::artifact {
namespace {

using Numbers = Likeness::Numbers;

// Item 0 is feature 0, item 1 is feature 1, item 2 half of each, item 3 none.
ItemFeatures features() {
  const float half = std::sqrt(0.5F);
  return {.columns = 2,
          .begin = {0, 1, 2, 4, 4},
          .places = {0, 1, 0, 1},
          .weights = {1, 1, half, half}};
}

std::vector<float> scores(Likeness& likeness, const Numbers& coefficients) {
  std::vector<float> out(4, 0.0F);
  likeness.score(coefficients, out);
  return out;
}

TEST(Likeness, IsTheCosineToThePastPerDecay) {
  const ItemFeatures known = features();
  Likeness likeness;
  likeness.start(known);
  likeness.add(0, {3, 1, 0});
  likeness.add(1, {4, 0, 0});
  likeness.finish();
  // Decay 0: (3, 4) / 5; decay 1: (1, 0); decay 2: nothing.
  const auto first = scores(likeness, {1, 0, 0});
  EXPECT_NEAR(first[0], kLikenessScale * 0.6, 1e-5);
  EXPECT_NEAR(first[1], kLikenessScale * 0.8, 1e-5);
  EXPECT_NEAR(first[2], kLikenessScale * 1.4 / std::sqrt(2), 1e-5);
  EXPECT_EQ(first[3], 0);
  const auto both = scores(likeness, {0, 2, 1});
  EXPECT_NEAR(both[0], kLikenessScale * 2, 1e-5);
  EXPECT_NEAR(both[1], 0, 1e-5);
}

TEST(Likeness, APastWithoutFeaturesIsLikeNothing) {
  const ItemFeatures known = features();
  Likeness likeness;
  likeness.start(known);
  likeness.add(0, {1, 1, 1});
  likeness.start(known);
  likeness.add(3, {1, 1, 1});
  likeness.finish();
  EXPECT_EQ(scores(likeness, {1, 1, 1}), (std::vector<float>{0, 0, 0, 0}));
}

TEST(Likeness, SlopesAreWhatEachDecayAddsToTheScores) {
  const ItemFeatures known = features();
  Likeness likeness;
  likeness.start(known);
  likeness.add(0, {1, 2, 3});
  likeness.add(2, {2, 0.5F, 0});
  likeness.finish();
  const std::vector<float> dlogits = {0.5, -1, 2, 4};
  const auto slopes = likeness.slopes(dlogits);
  for (std::size_t d = 0; d < slopes.size(); ++d) {
    Numbers one{};
    one[d] = 1;
    const auto added = scores(likeness, one);
    float wanted = 0;
    for (std::size_t i = 0; i < 4; ++i) wanted += dlogits[i] * added[i];
    EXPECT_NEAR(slopes[d], wanted, 1e-5) << d;
  }
}

}  // namespace
}  // namespace ensue::artifact
