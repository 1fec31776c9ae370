// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/next_action.h"

#include <gtest/gtest.h>

#include <algorithm>

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

// After a purchase views alone were counted, after 1 second; after a view
// purchases.
artifact::ActionCounts counted() {
  artifact::ActionCounts out{
      .share = 0.5, .gap_share = 0.25, .actions = {{0, 1}, {1, 0}}, .gaps = {}};
  out.gaps.assign(2, std::vector<double>(artifact::kGapBuckets));
  out.gaps[0][40] = out.gaps[1][1] = 1;
  return out;
}

TEST(NextAction, WhatWasCountedTakesItsShare) {
  const auto engine = ring(/*whole=*/true, counted());
  auto state = engine.encode(Past().view());  // a purchase
  const auto view_of = [&](const NextAction& said) {
    return *std::ranges::find(said.actions, 0U, &NextAction::Action::id);
  };
  NextAction said = NextActions(engine).answer(state);
  EXPECT_NEAR(view_of(said).probability, (0.25 + 1) / 2, 1e-6);
  EXPECT_NEAR(view_of(said).days[0], 1.4 * kSecond, 1e-6);  // of 1 to 2: .1/.25
  EXPECT_GT(view_of(said).days[1], 6 * kSecond);
  engine.step(
      state, {events::ItemId{2}, events::ActionId{0}, events::Millis{9000}, 1});
  said = NextActions(engine).answer(state);
  EXPECT_NEAR(view_of(said).probability, 0.25 / 2, 1e-6);
  said = NextActions(engine, /*blended=*/false).answer(state);
  EXPECT_NEAR(view_of(said).probability, 0.25, 1e-6);
}

TEST(NextAction, BeforeTheFirstEventNothingWasCounted) {
  const auto engine = ring(/*whole=*/true, counted());
  const NextAction said = NextActions(engine).answer(engine.start());
  EXPECT_NEAR(said.actions[0].probability, 0.75, 1e-6);
}

TEST(NextAction, CountsThatDoNotFitAreRefused) {
  artifact::ActionCounts counts = counted();
  counts.actions.pop_back();
  const auto engine = ring(/*whole=*/true, counts);
  EXPECT_THROW(NextActions{engine}, Error);
  counts = counted();
  counts.gaps[1].pop_back();
  EXPECT_THROW(NextActions{ring(/*whole=*/true, counts)}, Error);
  counts = counted();
  counts.share = 1.5;
  EXPECT_THROW(NextActions{ring(/*whole=*/true, counts)}, Error);
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
