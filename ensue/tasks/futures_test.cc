// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/futures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"

namespace ensue::tasks {
namespace {

using artifact::kGapBuckets;

constexpr std::int64_t kItems = 3, kGaps = kGapBuckets;

template <class Config>
artifact::BlockSpec block(std::string type, const Config& config) {
  return {std::move(type), write_fields(config)};
}

// Item i is followed by item i + 1 (mod 3), viewed with 0.25 and bought with
// 0.75, after 6 or 7 seconds, for about 10.
runtime::Engine ring(bool whole) {
  artifact::Description about;
  about.model.name = "ring";
  about.model.inputs = {
      block("item_embedding", artifact::ItemEmbeddingConfig{.width = kItems})};
  about.model.heads = {block(
      "next_item",
      artifact::NextItemConfig{.width = kItems, .tied = false, .bias = false})};
  if (whole) {
    about.model.heads.push_back(block(
        "next_event", artifact::NextEventConfig{.width = kItems, .hidden = 1}));
  }
  const std::vector<std::string> items = {"a", "b", "c"},
                                 actions = {"view", "buy"};
  about.items =
      events::Vocabulary::from_names(std::span<const std::string>(items));
  about.actions =
      events::Vocabulary::from_names(std::span<const std::string>(actions));
  artifact::Draft draft(about);
  const auto add = [&draft](const std::string& name,
                            std::vector<std::int64_t> shape,
                            const std::function<double(std::int64_t)>& at) {
    std::int64_t size = 1;
    for (const std::int64_t n : shape) size *= n;
    std::vector<float> values;
    for (std::int64_t i = 0; i < size; ++i) {
      values.push_back(static_cast<float>(at(i)));
    }
    draft.add<float>(name, std::move(shape), values);
  };
  const auto zero = [](std::int64_t) { return 0.0; };
  add("inputs.0.weight", {kItems, kItems},
      [](std::int64_t i) { return i / kItems == i % kItems ? 1.0 : 0.0; });
  add("heads.0.weight", {kItems, kItems}, [](std::int64_t i) {
    return i / kItems == (i % kItems + 1) % kItems ? 40.0 : 0.0;
  });
  if (!whole) {
    return runtime::Engine(
        artifact::Artifact::from_bytes(draft.bytes(), "ring"));
  }
  const auto dense = [&](const std::string& name, std::int64_t outputs,
                         std::int64_t inputs,
                         const std::function<double(std::int64_t)>& bias) {
    add("heads.1." + name + ".weight", {outputs, inputs}, zero);
    add("heads.1." + name + ".bias", {outputs}, bias);
  };
  for (const char* part :
       {"action.in", "gap.in", "query.in", "value.in", "value.item"}) {
    dense(part, 1, kItems, zero);
  }
  for (const char* table : {"gap.action", "query.action", "value.action"}) {
    add(std::string("heads.1.") + table, {2, 1}, zero);
  }
  add("heads.1.query.gap", {kGaps, 1}, zero);
  dense("action.out", 2, 1,
        [](std::int64_t i) { return i == 1 ? std::log(3.0) : 0.0; });
  dense("gap.out", kGaps, 1,
        [](std::int64_t i) { return i == 5 ? 40.0 : 0.0; });
  dense("query.out", kItems, 1, zero);
  dense("value.out", 2, 1,
        [](std::int64_t i) { return i == 0 ? std::asinh(10.0) : -2.0; });
  return runtime::Engine(artifact::Artifact::from_bytes(draft.bytes(), "ring"));
}

struct Past {
  std::vector<events::ItemId> items = {events::ItemId{1}};
  std::vector<events::ActionId> actions = {events::ActionId{1}};
  std::vector<events::Millis> times = {events::Millis{5000}};
  std::vector<float> values = {1};
  events::History view() const { return {items, actions, times, values}; }
};

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
