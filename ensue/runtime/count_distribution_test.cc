// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/count_distribution.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

TEST(CountDistribution, ScalesToOneAndKnowsItsMoments) {
  const CountDistribution counts({2, 1, 0, 1});
  EXPECT_EQ(counts[0], 0.5);
  EXPECT_EQ(counts[3], 0.25);
  EXPECT_EQ(counts[9], 0);
  EXPECT_EQ(counts.mean(), 1);
  EXPECT_EQ(counts.any(), 0.5);
}

TEST(CountDistribution, QuantileIsTheFirstCountThatReachesTheShare) {
  const CountDistribution counts({2, 1, 0, 1});
  EXPECT_EQ(counts.median(), 0U);
  EXPECT_EQ(counts.quantile(0.51), 1U);
  EXPECT_EQ(counts.quantile(0.75), 1U);
  EXPECT_EQ(counts.quantile(0.76), 3U);
  EXPECT_EQ(counts.quantile(1), 3U);
}

TEST(CountDistribution, RefusesWhatIsNone) {
  EXPECT_THROW(CountDistribution({}), Error);
  EXPECT_THROW(CountDistribution({0, 0}), Error);
  EXPECT_THROW(CountDistribution({0.5, -0.1}), Error);
}

}  // namespace
}  // namespace ensue::runtime
