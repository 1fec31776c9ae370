// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/ranking.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace ensue::metrics {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::infinity();

// Four targets: at ranks 1, 3 and 12, and one the model cannot answer.
const std::vector<double> kRanks = {1, 3, 12, kUnknown};
const Outcome kMixed = {kRanks, {}};

TEST(Ranking, HitAsksForOneTargetWithinK) {
  const std::vector<double> third = {3, 9};
  EXPECT_EQ(hit({third, {}}, 2), 0);
  EXPECT_EQ(hit({third, {}}, 3), 1);
}

TEST(Ranking, RecallDividesByAllTargetsUnknownOnesIncluded) {
  EXPECT_DOUBLE_EQ(recall(kMixed, 10), 2.0 / 4);
}

TEST(Ranking, PrecisionDividesByK) {
  EXPECT_DOUBLE_EQ(precision(kMixed, 10), 2.0 / 10);
}

TEST(Ranking, MrrIsTheReciprocalOfTheBestRankWithinK) {
  const std::vector<double> fourth = {4, 5};
  EXPECT_DOUBLE_EQ(mrr({fourth, {}}, 10), 0.25);
  EXPECT_DOUBLE_EQ(mrr({fourth, {}}, 3), 0);
}

TEST(Ranking, MapAveragesPrecisionAtTheTargets) {
  // (1/1 + 2/3) / min(4, 10)
  EXPECT_DOUBLE_EQ(map(kMixed, 10), (1 + 2.0 / 3) / 4);
  EXPECT_DOUBLE_EQ(map(kMixed, 3), (1 + 2.0 / 3) / 3);
}

TEST(Ranking, NdcgDividesByTheBestOrderOfTheTargets) {
  const double got = 1 + 1 / std::log2(4.0);
  const double best =
      1 + 1 / std::log2(3.0) + 1 / std::log2(4.0) + 1 / std::log2(5.0);
  EXPECT_DOUBLE_EQ(ndcg(kMixed, 10), got / best);
}

TEST(Ranking, NdcgOfOneTargetIsItsDiscount) {
  const std::vector<double> seventh = {7};
  EXPECT_DOUBLE_EQ(ndcg({seventh, {}}, 10), 1.0 / 3);  // 1 / log2(8)
}

TEST(Ranking, AnUnknownTargetIsNeverFoundHoweverLargeK) {
  const std::vector<double> unknown = {kUnknown};
  for (const auto metric : {hit, recall, precision, mrr, map, ndcg}) {
    EXPECT_EQ(metric({unknown, {}}, 1'000'000), 0);
  }
}

}  // namespace
}  // namespace ensue::metrics
