// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/next_action.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/tasks/internal/ring.h"

namespace ensue::tasks {
namespace {

constexpr double kSecond = 1.0 / 86400;

// The ring goes on with item 2, bought three times in four, after 6 or 7
// seconds.
TEST(NextAction, TellsActionTimeAndItem) {
  const auto engine = ring(/*whole=*/true);
  const auto state = engine.encode(Past().view());
  const NextAction said = NextActions(engine).answer(state, {.items = 2});
  ASSERT_EQ(said.actions.size(), 2U);
  EXPECT_EQ(said.actions[0].id, 1U);
  EXPECT_NEAR(said.actions[0].probability, 0.75, 1e-6);
  EXPECT_NEAR(said.actions[1].probability, 0.25, 1e-6);
  for (const auto& action : said.actions) {
    ASSERT_EQ(action.items.size(), 2U);
    EXPECT_EQ(action.items[0].id, 2U);
    EXPECT_NEAR(action.items[0].probability, 1, 1e-6);
    EXPECT_NEAR(action.days[0], 6.2 * kSecond, 1e-6);
    EXPECT_NEAR(action.days[1], 7 * kSecond, 1e-6);
    EXPECT_NEAR(action.days[2], 7.8 * kSecond, 1e-6);
  }
  EXPECT_NEAR(said.days[1], 7 * kSecond, 1e-6);
}

TEST(NextAction, ItemsAreThoseOfTheFirstActionsAlone) {
  const auto engine = ring(/*whole=*/true);
  const NextAction said = NextActions(engine).answer(
      engine.encode(Past().view()), {.items = 2, .actions = 1});
  EXPECT_EQ(said.actions[0].items.size(), 2U);
  EXPECT_TRUE(said.actions[1].items.empty());
}

TEST(NextAction, WantsAModelOfWholeEvents) {
  const auto engine = ring(/*whole=*/false);
  EXPECT_THROW(NextActions{engine}, Error);
}

TEST(GapQuantile, SpreadsABucketOverItsSeconds) {
  std::vector<float> buckets(artifact::kGapBuckets);
  buckets[1] = 0.5F;  // the second from 1 to 2
  buckets[6] = 0.5F;  // 8 to 11 seconds
  EXPECT_NEAR(gap_quantile(buckets, 0.25), 1.5 * kSecond, 1e-9);
  EXPECT_NEAR(gap_quantile(buckets, 0.5), 2 * kSecond, 1e-9);
  EXPECT_NEAR(gap_quantile(buckets, 0.75), 10 * kSecond, 1e-9);
  EXPECT_NEAR(gap_quantile(buckets, 1), 12 * kSecond, 1e-9);
}

}  // namespace
}  // namespace ensue::tasks
