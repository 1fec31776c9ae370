// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/binary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/metrics/logloss.h"

namespace ensue::metrics {
namespace {

using Numbers = std::vector<double>;

struct Rows {
  Numbers scores, labels, weights;
};

// Scores on a coarse grid, so that there are many ties.
Rows random_rows(std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  Rows out;
  for (std::size_t i = 0; i < rows; ++i) {
    const double score = static_cast<double>(rng.below(11)) / 10;
    out.scores.push_back(score);
    out.labels.push_back(rng.chance(0.2 + 0.6 * score) ? 1 : 0);
    out.weights.push_back(static_cast<double>(rng.below(4)));
  }
  return out;
}

// Every row as often as its weight says.
Rows repeated(const Rows& rows) {
  Rows out;
  for (std::size_t i = 0; i < rows.scores.size(); ++i) {
    for (int n = 0; n < static_cast<int>(rows.weights[i]); ++n) {
      out.scores.push_back(rows.scores[i]);
      out.labels.push_back(rows.labels[i]);
    }
  }
  return out;
}

double pairs_won(const Rows& rows) {
  double won = 0, pairs = 0;
  for (std::size_t i = 0; i < rows.scores.size(); ++i) {
    for (std::size_t j = 0; j < rows.scores.size(); ++j) {
      if (rows.labels[i] != 1 || rows.labels[j] != 0) continue;
      ++pairs;
      if (rows.scores[i] > rows.scores[j]) won += 1;
      if (rows.scores[i] == rows.scores[j]) won += 0.5;
    }
  }
  return won / pairs;
}

TEST(Auc, IsTheShareOfPairsWonWithTiesCountedHalf) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Rows rows = random_rows(60, seed);
    EXPECT_NEAR(auc(rows.scores, rows.labels), pairs_won(rows), 1e-12) << seed;
  }
}

TEST(Auc, OfEqualScoresIsAHalf) {
  EXPECT_DOUBLE_EQ(auc(Numbers(4, 0.3), Numbers{1, 0, 0, 1}), 0.5);
}

TEST(Auc, RefusesLabelsThatAreAllEqual) {
  try {
    auc(Numbers{1, 2}, Numbers{1, 1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "auc: all labels are 1, expected both 0 and 1");
  }
}

// scikit-learn 1.2.1: roc_auc_score, average_precision_score, brier_score_loss
// and log_loss of these rows.
const Numbers kScores = {0.1, 0.4, 0.35, 0.8, 0.4, 0.7, 0.2, 0.9};
const Numbers kLabels = {0, 0, 1, 1, 1, 0, 0, 1};

TEST(BinaryMetrics, EqualScikitLearn) {
  EXPECT_NEAR(auc(kScores, kLabels), 0.78125, 1e-12);
  EXPECT_NEAR(average_precision(kScores, kLabels), 0.8166666666666667, 1e-12);
  EXPECT_NEAR(brier(kScores, kLabels), 0.1915625, 1e-12);
  EXPECT_NEAR(logloss_of(kScores, kLabels), 0.5422399273011039, 1e-12);
}

TEST(BinaryMetrics, EqualScikitLearnWithWeights) {
  const Numbers weights = {1, 2, 3, 1, 2, 1, 2, 1};
  EXPECT_NEAR(auc(kScores, kLabels, weights), 0.6904761904761905, 1e-12);
  EXPECT_NEAR(average_precision(kScores, kLabels, weights), 0.7489795918367346,
              1e-12);
  EXPECT_NEAR(logloss_of(kScores, kLabels, weights), 0.622140274950811, 1e-12);
}

TEST(BinaryMetrics, CountARowOfWeightTwoAsTwoRows) {
  const Rows rows = random_rows(80, 5), plain = repeated(rows);
  for (const auto metric : {auc, average_precision, brier, logloss_of}) {
    EXPECT_NEAR(metric(rows.scores, rows.labels, rows.weights),
                metric(plain.scores, plain.labels, {}), 1e-12);
  }
  EXPECT_DOUBLE_EQ(
      confusion_at(0.5, rows.scores, rows.labels, rows.weights).f1(),
      confusion_at(0.5, plain.scores, plain.labels).f1());
}

TEST(AveragePrecision, DoesNotDependOnTheOrderOfTies) {
  EXPECT_DOUBLE_EQ(average_precision(Numbers{.5, .5, .5}, Numbers{1, 0, 0}),
                   average_precision(Numbers{.5, .5, .5}, Numbers{0, 0, 1}));
}

TEST(AveragePrecision, RefusesRowsWithoutAPositive) {
  EXPECT_THROW(average_precision(Numbers{1, 2}, Numbers{0, 0}), Error);
}

TEST(LoglossOf, IsFiniteForAnImpossibleLabel) {
  EXPECT_DOUBLE_EQ(logloss_of(Numbers{0, 1}, Numbers{1, 1}), kWorstLoss / 2);
}

TEST(BinaryMetrics, RefuseWhatIsNoProbability) {
  EXPECT_THROW(brier(Numbers{1.5}, Numbers{1}), Error);
  EXPECT_THROW(logloss_of(Numbers{-0.1}, Numbers{1}), Error);
}

TEST(BinaryMetrics, RefuseBadRowsInOneLine) {
  const auto message = [](const Numbers& scores, const Numbers& labels,
                          const Numbers& weights) -> std::string {
    try {
      auc(scores, labels, weights);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({}, {}, {}), "auc: no rows to judge");
  EXPECT_EQ(message({1}, {1, 0}, {}),
            "auc: 1 answers, 2 labels and 0 weights, expected as many of each");
  EXPECT_EQ(message({1, NAN}, {1, 0}, {}),
            "auc: row 1 is nan, expected a number");
  EXPECT_EQ(message({1, 2}, {1, 2}, {}),
            "auc: label 1 is 2.000000, expected 0 or 1");
  EXPECT_EQ(message({1, 2}, {1, 0}, {0, 0}), "auc: all weights are 0");
}

TEST(Confusion, CountsAScoreAtTheThresholdAsYes) {
  const Confusion c =
      confusion_at(0.5, Numbers{0.5, 0.6, 0.4, 0.1}, Numbers{1, 0, 1, 0});
  EXPECT_EQ(c.true_positive, 1);
  EXPECT_EQ(c.false_positive, 1);
  EXPECT_EQ(c.false_negative, 1);
  EXPECT_EQ(c.true_negative, 1);
  EXPECT_EQ(c.accuracy(), 0.5);
  EXPECT_EQ(c.precision(), 0.5);
  EXPECT_EQ(c.recall(), 0.5);
  EXPECT_EQ(c.f1(), 0.5);
}

TEST(Confusion, IsZeroWhereNothingWasSaidYesTo) {
  const Confusion c = confusion_at(0.5, Numbers{0.1}, Numbers{1});
  EXPECT_EQ(c.precision(), 0);
  EXPECT_EQ(c.f1(), 0);
}

}  // namespace
}  // namespace ensue::metrics
