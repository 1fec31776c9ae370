// SPDX-License-Identifier: Apache-2.0
// Leaving one event out is what encoding the others anew gives, for every
// model of the catalogue.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "ensue/explain/leave_one_out.h"
#include "tests/every_model.h"

namespace ensue::explain {
namespace {

using events::ItemId;
using namespace every_model;
using runtime::Engine, runtime::testing::Events;

Score plain_score(const Engine& engine, const events::History& history,
                  ItemId item) {
  std::vector<float> logits(engine.items());
  engine.score(engine.encode(history), logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(double{logit});
  const double logit = logits[events::index(item)];
  return {logit, logit - std::log(sum)};
}

// Every event left out in turn, everything encoded anew.
void expect_plain(const Engine& engine, const Events& past, std::size_t events,
                  const std::vector<ItemId>& items) {
  const auto history = past.view(engine.context().size()).first(events);
  const auto got = leave_one_out(engine, history, items);
  ASSERT_EQ(got.size(), items.size());
  for (std::size_t k = 0; k < items.size(); ++k) {
    const Score all = plain_score(engine, history, items[k]);
    EXPECT_EQ(got[k].after_all.logit, all.logit);
    EXPECT_NEAR(got[k].after_all.log_probability, all.log_probability, 1e-5);
    ASSERT_EQ(got[k].effects.size(), events);
    std::set<std::size_t> seen;
    for (const Effect& effect : got[k].effects) {
      seen.insert(effect.event);
      Events rest = past;
      const auto at = static_cast<std::ptrdiff_t>(effect.event);
      rest.items.erase(rest.items.begin() + at);
      rest.actions.erase(rest.actions.begin() + at);
      rest.times.erase(rest.times.begin() + at);
      rest.values.erase(rest.values.begin() + at);
      const auto row =
          rest.context.begin() + at * std::ptrdiff_t{Events::kMostColumns};
      rest.context.erase(row, row + std::ptrdiff_t{Events::kMostColumns});
      const Score without = plain_score(
          engine, rest.view(engine.context().size()).first(events - 1),
          items[k]);
      ASSERT_EQ(effect.moved.logit, all.logit - without.logit)
          << "event " << effect.event << " of " << events;
      ASSERT_NEAR(effect.moved.log_probability,
                  all.log_probability - without.log_probability, 1e-5);
    }
    EXPECT_EQ(seen.size(), events);
  }
}

const std::vector<ItemId> kAsked = {ItemId{3}, ItemId{0}, ItemId{69}};

// Random events, some of them equal to the one before, others but for one
// column.
Events past_with_equal_events() {
  Events out(kEvents, kItems, kActions, /*seed=*/11);
  constexpr auto kRow = std::ptrdiff_t{Events::kMostColumns};
  const auto repeat = [&out](std::size_t i) {
    out.items[i] = out.items[i - 1];
    out.actions[i] = out.actions[i - 1];
    out.times[i] = out.times[i - 1];
    out.values[i] = out.values[i - 1];
    const auto row =
        out.context.begin() + static_cast<std::ptrdiff_t>(i) * kRow;
    std::copy(row - kRow, row, row);
  };
  for (const std::size_t i : {3U, 17U, 18U, 36U, 37U}) repeat(i);
  for (const std::size_t i : {7U, 11U, 22U, 26U, 31U, 33U}) repeat(i);
  for (const std::size_t i : {7U, 31U}) {
    out.actions[i] = events::ActionId{
        static_cast<std::uint8_t>((events::index(out.actions[i]) + 1) % 3)};
  }
  out.values[11] = 1000;
  out.times[22] = out.times[23];
  for (const std::size_t i : {25U, 26U}) {
    out.context[i * Events::kMostColumns] = events::Cell::of_code(i - 24);
  }
  out.context[33 * Events::kMostColumns + 1] = events::Cell::of_number(77);
  return out;
}

class ExplainedModel : public ::testing::TestWithParam<std::string> {};

TEST_P(ExplainedModel, AnEffectIsWhatEncodingTheOthersAnewGives) {
  for (const bool context : {false, true}) {
    const Engine engine(load(of_catalogue(GetParam(), context)));
    const Events past = past_with_equal_events();
    for (std::size_t events = 0; events <= kEvents; ++events) {
      expect_plain(engine, past, events, kAsked);
    }
  }
}

TEST_P(ExplainedModel, FewerEventsLookedAtHaveTheSameEffects) {
  const Engine engine(load(of_catalogue(GetParam())));
  const Events past = past_with_equal_events();
  const auto all = leave_one_out(engine, past.view(), kAsked[0]);
  const auto some =
      leave_one_out(engine, past.view(), kAsked[0], {.max_events = 20});
  EXPECT_EQ(some.not_looked_at, kEvents - 20);
  ASSERT_EQ(some.effects.size(), 20u);
  for (const Effect& effect : some.effects) {
    const auto same =
        std::ranges::find(all.effects, effect.event, &Effect::event);
    EXPECT_EQ(effect.moved, same->moved) << "event " << effect.event;
  }
}

TEST_P(ExplainedModel, EffectsFallAndWithWhatIsLeftAddUpToTheWholeMove) {
  const Engine engine(load(of_catalogue(GetParam())));
  const Events past = past_with_equal_events();
  const auto why = leave_one_out(engine, past.view(), kAsked[1],
                                 {.strongest = Scale::kLogProbability});
  Score sum = why.together;
  double last = HUGE_VAL;
  for (const Effect& effect : why.effects) {
    sum += effect.moved;
    EXPECT_LE(std::abs(effect.moved.log_probability), last);
    last = std::abs(effect.moved.log_probability);
  }
  const Score moved = why.after_all - why.after_none;
  EXPECT_NEAR(sum.logit, moved.logit, 1e-9);
  EXPECT_NEAR(sum.log_probability, moved.log_probability, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Explain, ExplainedModel,
                         ::testing::ValuesIn(all_models()), test_name);

TEST(Explain, ABlendIsExplainedAsAWhole) {
  const Engine engine(load(blend()));
  const Events past = past_with_equal_events();
  for (const std::size_t events : {0U, 1U, 7U, 20U, 39U}) {
    expect_plain(engine, past, events, kAsked);
  }
}

TEST(Explain, BeyondARelativeWindowNothingMoves) {
  artifact::ModelSpec spec{"hstu", {}, {}, {}};
  spec.inputs = {runtime::testing::block(
      "item_embedding", artifact::ItemEmbeddingConfig{.width = 8})};
  spec.blocks = {runtime::testing::block(
      "hstu", artifact::HstuConfig{.width = 8, .heads = 2, .window = 5})};
  spec.heads = {runtime::testing::block("next_item",
                                        artifact::NextItemConfig{.width = 8})};
  const Engine engine(
      runtime::testing::random_artifact(spec, kItems, kActions));
  const Events past(kEvents, kItems, kActions, 11);
  const auto why = leave_one_out(engine, past.view(), kAsked[0]);
  std::size_t moving = 0;
  for (const Effect& effect : why.effects) {
    moving += effect.moved == Score{} ? 0 : 1;
  }
  EXPECT_EQ(moving, 5u);  // a fifth of the events has no item
  for (std::size_t i = 0; i < moving; ++i) {
    EXPECT_GE(why.effects[i].event, kEvents - 7);
  }
}

}  // namespace
}  // namespace ensue::explain
