// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/calibration_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/rng.h"

namespace ensue::classic {
namespace {

using runtime::log_odds, runtime::logistic;

// Labels that come true with `truth` of the log-odds.
template <class Truth>
HeldScores drawn(std::size_t rows, const Truth& truth) {
  Rng rng(7);
  HeldScores out;
  for (std::size_t i = 0; i < rows; ++i) {
    out.margins.push_back(2 * rng.normal());
    out.y.push_back(rng.chance(truth(out.margins.back())));
  }
  return out;
}

TEST(FitPlatt, FindsSlopeAndOffset) {
  const auto curve =
      fit_platt(drawn(40000, [](double m) { return logistic(0.5 * m - 1); }));
  EXPECT_NEAR(curve.slope, 0.5, 0.02);
  EXPECT_NEAR(curve.offset, -1, 0.03);
}

TEST(FitPlatt, AScoreThatPointsTheWrongWayBecomesFlat) {
  const auto curve =
      fit_platt(drawn(4000, [](double m) { return logistic(-m); }));
  EXPECT_EQ(curve.slope, 0);
  EXPECT_NEAR(curve(0), 0.5, 0.03);
}

TEST(FitIsotonic, PoolsViolatorsAndTiesAndKeepsTheOrder) {
  // Labels 0 0 0 0 | 1 0 0 | 1 1 1 1: the middle pools to a third, around its
  // centre; a row more of each kind makes a sixth of the ends.
  HeldScores scores;
  for (const double p :
       {0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4}) {
    scores.margins.push_back(log_odds(p));
  }
  scores.y = {0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1};
  const auto curve = fit_isotonic(scores);
  EXPECT_NEAR(curve(log_odds(0.7 / 3)), 1.0 / 3, 1e-9);
  EXPECT_NEAR(curve(log_odds(0.1)), 1.0 / 6, 0.5 / 6 + 1e-9);
  EXPECT_NEAR(curve(log_odds(0.9)), 5.0 / 6, 0.5 / 6 + 1e-9);
  EXPECT_LT(curve(log_odds(0.2)), curve(log_odds(0.21)));
  EXPECT_LT(curve(log_odds(0.3)), curve(log_odds(0.31)));
}

TEST(FitIsotonic, FewRowsAtTheEndsSayNothingOfTheirOwn) {
  // One row without the label is no reason to say never: a third, which is no
  // less than its neighbours' share.
  HeldScores scores;
  for (int i = 0; i < 101; ++i) {
    scores.margins.push_back(i / 50.0 - 1);
    scores.y.push_back(i % 10 == 1 ? 1 : 0);
  }
  const auto curve = fit_isotonic(scores);
  EXPECT_NEAR(curve(-1), 0.1, 0.02);
  EXPECT_NEAR(curve(0), 0.1, 0.02);
}

TEST(FitCalibration, ChoosesByRowsThatTheCurveHasNotSeen) {
  const auto chosen = [](const HeldScores& scores) {
    return fit_calibration("auto", {Label::kBinary, scores.y, {}},
                           scores.margins, 1)
        .method();
  };
  EXPECT_EQ(chosen(drawn(5000, [](double m) { return logistic(3 * m + 2); })),
            "platt");
  EXPECT_EQ(chosen(drawn(5000, [](double m) { return m < 0 ? 0.2 : 0.7; })),
            "isotonic");
}

TEST(BlendWeights, SumToOneAndPreferWhoIsRight) {
  Rng rng(3);
  TableLabels labels{Label::kNumber, {}, {}};
  std::vector<std::vector<double>> margins(3);
  for (int i = 0; i < 2000; ++i) {
    const double y = rng.normal();
    labels.values.push_back(y);
    margins[0].push_back(y + rng.normal());
    margins[1].push_back(y + rng.normal());
    margins[2].push_back(5 * rng.normal());
  }
  const auto weights = blend_weights(labels, margins, true);
  EXPECT_NEAR(weights[0], 0.5, 0.1);
  EXPECT_NEAR(weights[0] + weights[1], 1, 1e-9);
  EXPECT_EQ(weights[2], 0);
}

// Two members that know half each; the second is far too low and too loud.
TEST(BlendWeights, ALevelThatACurveMendsSpeaksAgainstNone) {
  Rng rng(4);
  TableLabels labels;
  std::vector<std::vector<double>> margins(2);
  std::vector<double> sum;
  for (int i = 0; i < 4000; ++i) {
    const double a = rng.normal(), b = rng.normal();
    labels.values.push_back(rng.chance(runtime::logistic(a + b)) ? 1 : 0);
    margins[0].push_back(a);
    margins[1].push_back(4 * b - 6);
  }
  const auto weights = blend_weights(labels, margins, true);
  EXPECT_NEAR(weights[1] / weights[0], 0.25, 0.05);
  const auto raw = blend_weights(labels, margins, false);
  EXPECT_LT(raw[1] / raw[0], 0.15);
}

}  // namespace
}  // namespace ensue::classic
