// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/effect_scores.h"

#include <gtest/gtest.h>

#include "ensue/runtime/linear_scorer.h"

namespace ensue::runtime {
namespace {

using Numbers = std::vector<double>;

std::shared_ptr<const TableModel> times(float weight) {
  std::vector<TableModel::Member> members;
  members.push_back({TableColumns({{"x", EncodingSpec::parse("raw")}}),
                     std::make_unique<LinearScorer>(std::vector<float>{weight},
                                                    std::vector<float>{0}),
                     1});
  return std::make_shared<const TableModel>(TableLabel::kNumber,
                                            std::vector<std::string>(),
                                            std::move(members), Calibration());
}

// Scores (2 x - 2) / 2 and x; 1 + 2 a + 3 b + 4 a a + 5 a b + 6 b b.
EffectScores model() {
  return {{{times(2), 2, 2}, {times(1), 0, 1}}, {1, 2, 3, 4, 5, 6}};
}

TEST(EffectScores, AreAQuadraticOfMarginsByHand) {
  // x = 3: a = 2, b = 3; x = 0: a = -1, b = 0
  EXPECT_EQ(model().effects({{{"x", Numbers{3, 0}}}, ""}),
            (Numbers{1 + 4 + 9 + 16 + 30 + 54, 1 - 2 + 4}));
}

TEST(EffectScores, FarMarginsAreHeldWhereFewWereSeen) {
  const auto said = model().effects({{{"x", Numbers{5, 1000}}}, ""});
  EXPECT_EQ(said[0], said[1]);  // a = 4, b = 5 -> 4
}

TEST(EffectScores, GradientIsThatOfTheQuadratic) {
  const EffectScores scores = model();
  const Numbers at = {0.5, -2};
  const Numbers slopes = scores.gradient(at);
  for (std::size_t s = 0; s < 2; ++s) {
    Numbers up = at, down = at;
    up[s] += 0.25;
    down[s] -= 0.25;
    EXPECT_NEAR(slopes[s], (scores.effect(up) - scores.effect(down)) / 0.5,
                1e-12);
  }
}

}  // namespace
}  // namespace ensue::runtime
