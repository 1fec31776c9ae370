// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/leave_one_out.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"

namespace ensue::explain {
namespace {

using events::ItemId;
using runtime::Engine;

template <class Config>
artifact::Draft draft(const char* head, const Config& config, bool ordered) {
  artifact::Description about;
  about.model.name = head;
  about.model.heads = {{head, write_fields(config)}};
  about.schema.order_within_instant = ordered;
  about.items =
      events::Vocabulary::from_names(std::vector<std::string>{"a", "b", "c"});
  about.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view"});
  return artifact::Draft(about);
}

Engine engine(const artifact::Draft& draft) {
  return Engine(artifact::Artifact::from_bytes(draft.bytes(), "toy"));
}

const std::vector<float> kPopularity = {std::log(.5F), std::log(.25F),
                                        std::log(.25F)};

Engine popularity() {
  auto out = draft("popularity", artifact::PopularityConfig{}, true);
  out.add<float>("heads.0.log_probability", {3}, kPopularity);
  return engine(out);
}

// After a: half back-off, half b. After b: a quarter back-off, a quarter a,
// half c. After c: back-off alone. So the probabilities of a, b, c are
// after a .25 .625 .125, after b .375 .0625 .5625, after c .5 .25 .25.
Engine markov(bool ordered) {
  auto out = draft("markov", artifact::MarkovConfig{}, ordered);
  out.add<float>("heads.0.log_popularity", {3}, kPopularity);
  out.add<float>("heads.0.backoff", {3}, std::vector<float>{.5F, .25F, 1});
  out.add<std::uint64_t>("heads.0.offsets", {4},
                         std::vector<std::uint64_t>{0, 1, 3, 3});
  out.add<std::uint32_t>("heads.0.next", {3},
                         std::vector<std::uint32_t>{1, 0, 2});
  out.add<float>("heads.0.probability", {3},
                 std::vector<float>{.5F, .25F, .5F});
  return engine(out);
}

struct Past {
  std::vector<ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;

  Past& add(std::uint32_t item, std::int64_t time) {
    items.push_back(ItemId{item});
    actions.push_back(events::ActionId{0});
    times.push_back(events::Millis{time});
    values.push_back(std::numeric_limits<float>::quiet_NaN());
    return *this;
  }
  events::History view() const { return {items, actions, times, values}; }
};

constexpr ItemId kA{0}, kB{1}, kC{2};

TEST(LeaveOneOut, PopularityIsMovedByNothing) {
  const Past past = Past().add(0, 1).add(1, 2).add(1, 2);
  const Explanation why = leave_one_out(popularity(), past.view(), kA);
  ASSERT_EQ(why.effects.size(), 3u);
  for (const Effect& effect : why.effects) EXPECT_EQ(effect.moved, Score{});
  EXPECT_EQ(why.after_all, why.after_none);
  EXPECT_EQ(why.together, Score{});
  EXPECT_FLOAT_EQ(static_cast<float>(why.after_all.logit), kPopularity[0]);
}

TEST(LeaveOneOut, OfAMarkovChainTheLastItemAloneMoves) {
  const Past past = Past().add(2, 1).add(1, 2).add(0, 3);
  const Explanation why = leave_one_out(markov(true), past.view(), kB);
  ASSERT_EQ(why.effects.size(), 3u);
  EXPECT_EQ(why.effects[0].event, 2u);
  // After a, against after b, which would then be the last.
  EXPECT_NEAR(why.effects[0].moved.logit, std::log(.625 / .0625), 1e-6);
  EXPECT_NEAR(why.effects[0].moved.log_probability, std::log(.625 / .0625),
              1e-6);
  EXPECT_EQ(why.effects[1].moved, Score{});
  EXPECT_EQ(why.effects[2].moved, Score{});
  EXPECT_NEAR(why.after_none.logit, std::log(.25), 1e-6);
  // after_all - after_none - effects: log .625 - log .25 - log 10.
  EXPECT_NEAR(why.together.logit, std::log(.25), 1e-6);
}

TEST(LeaveOneOut, OfBasketsTheLastOneAloneMoves) {
  const Past past = Past().add(2, 1).add(0, 2).add(1, 2);
  const Explanation why = leave_one_out(markov(false), past.view(), kC);
  // a and b together: the mean of .125 and .5625.
  EXPECT_NEAR(why.after_all.logit, std::log(.34375), 1e-6);
  ASSERT_EQ(why.effects.size(), 3u);
  EXPECT_EQ(why.effects[0].event, 2u);
  EXPECT_NEAR(why.effects[0].moved.logit, std::log(.34375 / .125), 1e-6);
  EXPECT_EQ(why.effects[1].event, 1u);
  EXPECT_NEAR(why.effects[1].moved.logit, std::log(.34375 / .5625), 1e-6);
  EXPECT_EQ(why.effects[2].moved, Score{});
}

TEST(LeaveOneOut, WhatStandsTwiceInABasketIsMissedByNobody) {
  const Past past = Past().add(2, 1).add(0, 2).add(0, 2);
  const Explanation why = leave_one_out(markov(false), past.view(), kB);
  for (const Effect& effect : why.effects) EXPECT_EQ(effect.moved, Score{});
  EXPECT_NEAR(why.together.logit, std::log(.625 / .25), 1e-6);
}

TEST(LeaveOneOut, StrongestFirstAndOfEquallyStrongOnesTheLater) {
  const Past past = Past().add(2, 1).add(1, 2).add(0, 3);
  const Explanation why = leave_one_out(markov(true), past.view(), kA);
  EXPECT_EQ(why.effects[0].event, 2u);
  EXPECT_EQ(why.effects[1].event, 1u);
  EXPECT_EQ(why.effects[2].event, 0u);
}

TEST(LeaveOneOut, TheLatestMaxEventsAreLookedAt) {
  const Past past = Past().add(2, 1).add(1, 2).add(0, 3);
  for (std::size_t most = 0; most <= 4; ++most) {
    const Explanation why =
        leave_one_out(markov(true), past.view(), kB, {.max_events = most});
    ASSERT_EQ(why.effects.size(), std::min<std::size_t>(most, 3));
    EXPECT_EQ(why.not_looked_at, 3 - why.effects.size());
    if (most > 0) {
      EXPECT_EQ(why.effects[0].event, 2u);
    }
    EXPECT_NEAR(why.after_all.logit, std::log(.625), 1e-6);
  }
}

TEST(LeaveOneOut, AnEventThatTheModelDoesNotKnowHasNoEffectAndKeepsItsPlace) {
  const Past past = Past().add(1, 1).add(7, 2).add(0, 3).add(
      events::index(events::kNoItem), 4);
  const Explanation why = leave_one_out(markov(true), past.view(), kB);
  ASSERT_EQ(why.effects.size(), 4u);
  EXPECT_EQ(why.effects[0].event, 2u);
  EXPECT_NEAR(why.effects[0].moved.logit, std::log(.625 / .0625), 1e-6);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(why.effects[i].moved, Score{}) << i;
  }
}

TEST(LeaveOneOut, WithoutAHistoryNothingMoved) {
  const Explanation why = leave_one_out(markov(true), {}, kC);
  EXPECT_TRUE(why.effects.empty());
  EXPECT_EQ(why.after_all, why.after_none);
  EXPECT_EQ(why.together, Score{});
}

TEST(LeaveOneOut, ManyItemsAreEachExplainedAsAlone) {
  const Past past = Past().add(2, 1).add(1, 2).add(0, 3);
  const Engine model = markov(true);
  const std::vector<ItemId> items = {kC, kA, kC};
  const auto all = leave_one_out(model, past.view(), items);
  ASSERT_EQ(all.size(), 3u);
  for (std::size_t k = 0; k < items.size(); ++k) {
    const Explanation alone = leave_one_out(model, past.view(), items[k]);
    EXPECT_EQ(all[k].item, items[k]);
    EXPECT_EQ(all[k].after_all, alone.after_all);
    EXPECT_EQ(all[k].effects[0].moved, alone.effects[0].moved);
  }
}

TEST(LeaveOneOut, AnItemThatTheModelDoesNotKnowIsRefused) {
  try {
    leave_one_out(popularity(), {}, ItemId{3});
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "explain: item 3, expected one of the model's 3");
  }
}

}  // namespace
}  // namespace ensue::explain
