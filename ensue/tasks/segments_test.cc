// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/segments.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

// Two customers who buy much and lately, two who have not for long.
events::Table four() {
  events::Table out;
  out.columns = {
      {"purchases", std::vector<double>{9, 11, 0, 0}},
      {"spend", std::vector<double>{90, 110, 0, 0}},
      {"recency_days", std::vector<double>{1, 3, 18, 18}},
      {"price", std::vector<double>{5, 5, 5, 5}},
  };
  return out;
}

TEST(ProfileSegments, SaysSizesSharesAndDifferences) {
  const std::vector<std::uint32_t> group = {0, 0, 1, 1};
  const auto found = profile_segments(four(), group, 2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].customers, 2U);
  EXPECT_EQ(found[0].share, 0.5);
  EXPECT_EQ(found[0].spend_share, 1);
  EXPECT_EQ(found[0].differences.back().name, "price");
  EXPECT_EQ(found[0].differences.back().deviations, 0);
  EXPECT_EQ(found[0].strategy.name, "best");
  EXPECT_EQ(found[1].strategy.name, "fading");
  EXPECT_NE(in_words(found[0]).find("high purchases (10, all: 5)"),
            std::string::npos)
      << in_words(found[0]);
  EXPECT_EQ(in_words(found[0]).find("price"), std::string::npos);
}

TEST(ProfileSegments, RefusesSizesThatDiffer) {
  EXPECT_THROW(profile_segments(four(), std::vector<std::uint32_t>{0}, 1),
               Error);
  EXPECT_THROW(
      profile_segments(four(), std::vector<std::uint32_t>{0, 0, 0, 7}, 2),
      Error);
}

TEST(StrategyFor, FollowsTheStatedRules) {
  EXPECT_EQ(strategy_for(1.5, 1, 1).name, "best");
  EXPECT_EQ(strategy_for(2, 1, 1.6).name, "silent");
  EXPECT_EQ(strategy_for(0.05, 0.1, 1.5).name, "looking");
  EXPECT_EQ(strategy_for(0.2, 0.1, 1.5).name, "occasional");
  EXPECT_EQ(strategy_for(0.2, 0.1, 2).name, "fading");
  EXPECT_EQ(strategy_for(1, 1, 1).name, "steady");
}

}  // namespace
}  // namespace ensue::tasks
