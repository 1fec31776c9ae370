// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/event_reasons.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ensue::explain {
namespace {

using events::ActionId, events::History, events::ItemId, events::Millis;

// A history whose events carry these values.
struct Past {
  explicit Past(std::vector<float> said) : values(std::move(said)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      items.push_back(ItemId{static_cast<std::uint32_t>(i)});
      times.push_back(Millis{static_cast<std::int64_t>(i) * 1000});
    }
    actions.assign(values.size(), ActionId{0});
  }
  History view() const { return {items, actions, times, values}; }
  std::vector<ItemId> items;
  std::vector<ActionId> actions;
  std::vector<Millis> times;
  std::vector<float> values;
};

double sum(const History& history) {
  double out = 0;
  for (const float value : history.values) out += value;
  return out;
}

double largest(const History& history) {
  return history.empty() ? 0 : *std::ranges::max_element(history.values);
}

TEST(EventReasons, OfASumAreItsTerms) {
  const Past past({1, -5, 2, 2, 0});
  const auto reasons = leave_events_out(sum, past.view());
  ASSERT_EQ(reasons.size(), 5U);
  const std::size_t order[] = {1, 3, 2, 0, 4};  // equal ones: the later first
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(reasons[i].event, order[i]);
    EXPECT_DOUBLE_EQ(reasons[i].moved, past.values[order[i]]);
  }
}

TEST(EventReasons, LookAtTheLatestAlone) {
  const Past past({9, 1, 2});
  const auto reasons = leave_events_out(sum, past.view(), 2);
  ASSERT_EQ(reasons.size(), 2U);
  EXPECT_EQ(reasons[0].event, 2U);
  EXPECT_EQ(reasons[1].event, 1U);
  EXPECT_TRUE(leave_events_out(sum, Past({}).view()).empty());
}

TEST(EventReasons, OfInstantsAreOfAllTheirEvents) {
  Past past({1, -5, 2, 2, 0, 4});
  past.times = {Millis{0}, Millis{0}, Millis{1},
                Millis{1}, Millis{1}, Millis{2}};
  const auto reasons = leave_instants_out(sum, past.view());
  ASSERT_EQ(reasons.size(), 3U);
  EXPECT_EQ(reasons[0].event, 5U);  // as strong as the others, but later
  EXPECT_EQ(reasons[0].events, 1U);
  EXPECT_EQ(reasons[1].event, 2U);
  EXPECT_EQ(reasons[1].events, 3U);
  EXPECT_DOUBLE_EQ(reasons[1].moved, 4);
  EXPECT_EQ(reasons[2].event, 0U);
  EXPECT_DOUBLE_EQ(reasons[2].moved, -4);
  // Of five events the instant at 0 would be cut in two.
  EXPECT_EQ(leave_instants_out(sum, past.view(), 5).size(), 2U);
  EXPECT_TRUE(leave_instants_out(sum, Past({}).view()).empty());
}

TEST(EventReasons, ThatNameTheStrongestAreFaithful) {
  const Past past({0, 0, 7, 0, 3, 0, 0, 1, 0, 0});
  FaithfulnessCheck check(/*taken=*/2, /*draws=*/2000);
  check.add(sum, past.view(), leave_events_out(sum, past.view()));
  const Faithfulness found = check.result();
  EXPECT_EQ(found.histories, 1U);
  EXPECT_DOUBLE_EQ(found.top, 10);
  EXPECT_NEAR(found.random, 11 * 2 / 10.0,
              0.15);  // each is taken 2 times of 10
  EXPECT_NEAR(found.ratio(), 10 / 2.2, 0.4);
}

TEST(EventReasons, OfAWrongOrderAreNot) {
  const Past past({0, 0, 7, 0, 3, 0, 0, 1, 0, 0});
  auto reasons = leave_events_out(sum, past.view());
  std::ranges::reverse(reasons);
  FaithfulnessCheck check(2, 200);
  check.add(sum, past.view(), reasons);
  EXPECT_EQ(check.result().top, 0);
  EXPECT_LT(check.result().ratio(), 0.1);
}

TEST(EventReasons, WhatStandsInForAnotherIsSeenTogetherAlone) {
  // Either of the two largest can go: leave-one-out sees nothing.
  const Past past({4, 4, 1});
  for (const EventReason& reason : leave_events_out(largest, past.view())) {
    EXPECT_EQ(reason.moved, 0);
  }
}

TEST(EventReasons, ShortHistoriesSayNothing) {
  FaithfulnessCheck check(3);
  const Past past({1, 2, 3});
  check.add(sum, past.view(), leave_events_out(sum, past.view()));
  EXPECT_EQ(check.result().histories, 0U);
  EXPECT_DOUBLE_EQ(check.result().ratio(), 1);
}

}  // namespace
}  // namespace ensue::explain
