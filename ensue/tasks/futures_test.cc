// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/futures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"
#include "ensue/tasks/internal/ring.h"

namespace ensue::tasks {
namespace {

TEST(Futures, AreDrawnFromTheModel) {
  const auto engine = ring(/*whole=*/true);
  const Futures futures =
      roll_out(engine, Past().view(), {.steps = 4, .samples = 2000});
  ASSERT_TRUE(futures.whole);
  ASSERT_EQ(futures.samples(), 2000U);
  std::size_t bought = 0, six = 0;
  for (std::size_t s = 0; s < futures.samples(); ++s) {
    events::Millis now{5000};
    for (std::size_t i = 0; i < 4; ++i) {
      const events::Event& event = futures.at(s, i);
      EXPECT_EQ(events::index(event.item), (1 + 1 + i) % 3);
      const auto gap = count(event.time) - count(now);
      EXPECT_TRUE(gap == 6000 || gap == 7000) << gap;
      six += gap == 6000;
      bought += event.action == events::ActionId{1};
      now = event.time;
      EXPECT_NEAR(event.value, 10, 0.3);
    }
  }
  // 8,000 draws: four deviations.
  EXPECT_NEAR(static_cast<double>(bought), 6000, 4 * std::sqrt(8000 * .1875));
  EXPECT_NEAR(static_cast<double>(six), 4000, 4 * std::sqrt(8000 * .25));
}

// The device alone says what comes next, and nothing without one.
runtime::Engine by_device() {
  artifact::Description about;
  about.model.name = "device";
  about.model.inputs = {
      block("item_embedding", artifact::ItemEmbeddingConfig{.width = kItems}),
      block("context_embedding",
            artifact::ContextEmbeddingConfig{kItems, {"device"}})};
  about.model.heads = {block(
      "next_item",
      artifact::NextItemConfig{.width = kItems, .tied = false, .bias = false})};
  const std::vector<std::string> names = {"a", "b"};
  about.items =
      events::Vocabulary::from_names(std::vector<std::string>{"a", "b", "c"});
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(names));
  about.context = {{"device", events::ContextKind::kCategory, about.actions}};
  artifact::Draft draft(about);
  draft.add<float>("inputs.0.weight", {kItems, kItems},
                   std::vector<float>(kItems * kItems, 0.0F));
  const std::vector<float> one = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  draft.add<float>("inputs.1.columns.0.weight", {3, kItems}, one);
  std::vector<float> weight = one;
  for (float& w : weight) w *= 40;
  draft.add<float>("heads.0.weight", {kItems, kItems}, weight);
  return runtime::Engine(artifact::Artifact::from_bytes(draft.bytes(), "toy"));
}

TEST(Futures, KeepTheContextOfTheLastEvent) {
  const auto engine = by_device();
  for (const std::uint32_t code : {0U, 1U}) {
    const std::vector<events::Cell> row = {events::Cell::of_code(code)};
    const Past past;
    events::History history = past.view();
    history.context = events::rows_of(row, 1);
    const Futures futures =
        roll_out(engine, history, {.steps = 3, .samples = 5});
    for (const events::Event& event : futures.events) {
      EXPECT_EQ(events::index(event.item), code + 1);
    }
  }
}

TEST(Futures, AreTheSameOnAnyNumberOfThreads) {
  const auto engine = ring(true);
  const auto drawn = [&](int threads, std::uint64_t seed) {
    set_threads(threads);
    const Futures futures = roll_out(engine, Past().view(),
                                     {.steps = 3, .samples = 50, .seed = seed});
    set_threads(0);
    std::vector<std::int64_t> out;
    for (const events::Event& event : futures.events) {
      out.push_back(count(event.time) * 2 + events::index(event.action));
    }
    return out;
  };
  EXPECT_EQ(drawn(1, 7), drawn(2, 7));
  EXPECT_NE(drawn(1, 7), drawn(1, 8));
}

TEST(Futures, AModelOfItemsAloneDrawsItems) {
  const Futures futures =
      roll_out(ring(false), Past().view(), {.steps = 2, .samples = 3});
  EXPECT_FALSE(futures.whole);
  EXPECT_EQ(futures.at(2, 1).item, events::ItemId{0});
  EXPECT_EQ(futures.at(2, 1).time, events::Millis{5000});
}

TEST(Futures, ASummaryCountsThem) {
  Futures futures;
  futures.whole = true;
  futures.steps = 2;
  const auto event = [](std::uint32_t item, std::uint8_t action, int days,
                        float value) {
    return events::Event{events::ItemId{item}, events::ActionId{action},
                         events::Millis{86400000LL * days}, value};
  };
  futures.events = {event(4, 0, 1, 2), event(4, 1, 2, 2),   // first future
                    event(5, 0, 3, 4), event(4, 1, 9, 2),   // second
                    event(5, 1, 5, 6), event(6, 1, 7, 2)};  // third
  const Outlook out = summarise(futures, events::Millis{0});
  ASSERT_EQ(out.steps.size(), 2U);
  EXPECT_EQ(out.steps[0].items[0].id, 5U);
  EXPECT_DOUBLE_EQ(out.steps[0].items[0].share, 2.0 / 3);
  EXPECT_EQ(out.steps[0].actions[0].id, 0U);
  EXPECT_DOUBLE_EQ(out.steps[0].value, 4);
  EXPECT_DOUBLE_EQ(out.steps[0].days[0], 1);
  EXPECT_DOUBLE_EQ(out.steps[0].days[1], 3);
  EXPECT_DOUBLE_EQ(out.steps[0].days[2], 5);
  ASSERT_EQ(out.items.size(), 3U);  // 4 and 5 in two futures each, 6 in one
  EXPECT_EQ(out.items[0].id, 4U);
  EXPECT_DOUBLE_EQ(out.items[0].share, 2.0 / 3);
  EXPECT_DOUBLE_EQ(out.items[2].share, 1.0 / 3);
}

TEST(Futures, BadOptionsAreRefused) {
  const auto engine = ring(false);
  EXPECT_THROW(roll_out(engine, {}, {.steps = 0}), Error);
  EXPECT_THROW(roll_out(engine, {}, {.samples = 0}), Error);
  EXPECT_THROW(roll_out(engine, {}, {.temperature = 0}), Error);
}

}  // namespace
}  // namespace ensue::tasks
