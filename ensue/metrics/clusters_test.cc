// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/clusters.h"

#include <gtest/gtest.h>

#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

using Groups = std::vector<std::uint32_t>;

// scikit-learn 1.2.1: adjusted_rand_score.
TEST(AdjustedRand, EqualsScikitLearn) {
  EXPECT_NEAR(adjusted_rand(Groups{0, 0, 1, 1}, Groups{0, 0, 1, 2}),
              0.5714285714285715, 1e-12);
  EXPECT_NEAR(adjusted_rand(Groups{0, 0, 1, 1}, Groups{0, 1, 0, 1}), -0.5,
              1e-12);
}

TEST(AdjustedRand, DoesNotAskForNames) {
  EXPECT_DOUBLE_EQ(adjusted_rand(Groups{0, 0, 1, 2}, Groups{9, 9, 4, 1}), 1);
}

TEST(AdjustedRand, OfGroupingsWithoutPairsToDifferInIsOne) {
  EXPECT_DOUBLE_EQ(adjusted_rand(Groups{3, 3, 3}, Groups{1, 1, 1}), 1);
  EXPECT_DOUBLE_EQ(adjusted_rand(Groups{1, 2, 3}, Groups{3, 2, 1}), 1);
  EXPECT_DOUBLE_EQ(adjusted_rand(Groups{1}, Groups{2}), 1);
}

TEST(AdjustedRand, OfRandomGroupsIsAboutZero) {
  Rng rng(1);
  Groups a, b;
  for (int i = 0; i < 20000; ++i) {
    a.push_back(static_cast<std::uint32_t>(rng.below(5)));
    b.push_back(static_cast<std::uint32_t>(rng.below(7)));
  }
  EXPECT_NEAR(adjusted_rand(a, b), 0, 0.002);
}

// scikit-learn 1.2.1: silhouette_score; the third group has one row.
TEST(Silhouette, EqualsScikitLearn) {
  const std::vector<float> points = {0, 0, 0, 1, 4, 4, 5, 4, 10, 0};
  EXPECT_NEAR(silhouette(points, 2, Groups{0, 0, 1, 1, 2}), 0.65967115867797,
              1e-9);
}

TEST(Silhouette, OfASampleIsNearThatOfAllRows) {
  Rng rng(2);
  std::vector<float> points;
  Groups groups;
  for (int i = 0; i < 3000; ++i) {
    groups.push_back(static_cast<std::uint32_t>(rng.below(3)));
    points.push_back(static_cast<float>(3.0 * groups.back() + rng.normal()));
  }
  const double all = silhouette(points, 1, groups);
  const double some = silhouette(points, 1, groups, {.sample = 1000});
  EXPECT_NEAR(some, all, 0.03);
  EXPECT_EQ(some, silhouette(points, 1, groups, {.sample = 1000}));
}

TEST(ClusterMetrics, RefuseWhatDoesNotFit) {
  EXPECT_THROW(adjusted_rand({}, {}), Error);
  EXPECT_THROW(adjusted_rand(Groups{1}, Groups{1, 2}), Error);
  const std::vector<float> points = {1, 2, 3};
  EXPECT_THROW(silhouette(points, 1, Groups{0, 0, 0}), Error);
  EXPECT_THROW(silhouette(points, 2, Groups{0, 1, 0}), Error);
}

}  // namespace
}  // namespace ensue::metrics
