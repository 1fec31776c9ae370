// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/synthetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"

namespace ensue::tasks {
namespace {

using runtime::Translation;

// Three items; b follows a, c follows b, a follows c, each with probability
// e^2 / (e^2 + 2); or any with 1/2, 1/4, 1/4 when `follows` is 0.
runtime::Engine engine_of(float follows) {
  artifact::ItemEmbeddingConfig embedding;
  artifact::NextItemConfig head;
  embedding.width = head.width = 3;
  head.tied = false;
  artifact::Description d;
  d.model = {"toy",
             {{"item_embedding", write_fields(embedding)}},
             {},
             {{"next_item", write_fields(head)}}};
  d.items =
      events::Vocabulary::from_names(std::vector<std::string>{"a", "b", "c"});
  d.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view", "buy"});
  artifact::Draft draft(d);
  draft.add<float>("inputs.0.weight", {3, 3},
                   std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  std::vector<float> next(9, 0.0F);
  next[1 * 3 + 0] = next[2 * 3 + 1] = next[0 * 3 + 2] = follows;
  draft.add<float>("heads.0.weight", {3, 3}, next);
  const float less = follows > 0 ? 0.0F : std::log(0.5F);
  draft.add<float>("heads.0.bias", {3}, std::vector<float>{0, less, less});
  return runtime::Engine(artifact::Artifact::from_bytes(draft.bytes(), "toy"));
}

Translation::Events history(std::vector<std::uint32_t> items,
                            std::int64_t first, std::int64_t gap) {
  Translation::Events out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    out.items.push_back(events::ItemId{items[i]});
    // What is done to an item is always the same: c is bought.
    out.actions.push_back(
        events::ActionId{static_cast<std::uint8_t>(items[i] == 2 ? 1 : 0)});
    out.times.push_back(
        events::Millis{first + static_cast<std::int64_t>(i) * gap});
  }
  return out;
}

std::vector<Translation::Events> real() {
  return {history({0, 1, 2}, 1000, 10), history({0, 2, 1, 0, 1}, 2000, 7), {}};
}

SyntheticOptions many(int users, double temperature = 1) {
  SyntheticOptions out;
  out.users = users;
  out.temperature = temperature;
  return out;
}

TEST(SampleCustomers, LengthsStartsGapsAndActionsAreThoseOfTheLog) {
  const auto engine = engine_of(2);
  std::set<std::size_t> lengths;
  std::set<std::pair<std::size_t, std::int64_t>> mixed;
  for (const auto& one : sample_customers(engine, real(), many(200))) {
    lengths.insert(one.items.size());
    mixed.insert({one.items.size(), count(one.times[0])});
    EXPECT_EQ(one.items[0], events::ItemId{0});
    for (std::size_t i = 0; i < one.items.size(); ++i) {
      EXPECT_EQ(one.actions[i] == events::ActionId{1},
                one.items[i] == events::ItemId{2});
      if (i == 0) continue;
      const auto gap = count(one.times[i]) - count(one.times[i - 1]);
      EXPECT_TRUE(gap == 7 || gap == 10) << gap;
    }
  }
  EXPECT_EQ(lengths, (std::set<std::size_t>{3, 5}));
  EXPECT_EQ(mixed.size(), 4U)
      << "no real customer's start goes with its length";
}

// How often the next item is the one that follows.
double followed(double temperature) {
  const auto engine = engine_of(2);
  double hits = 0, all = 0;
  for (const auto& one :
       sample_customers(engine, real(), many(4000, temperature))) {
    for (std::size_t i = 1; i < one.items.size(); ++i, ++all) {
      hits += index(one.items[i]) == (index(one.items[i - 1]) + 1) % 3 ? 1 : 0;
    }
  }
  return hits / all;
}

TEST(SampleCustomers, ItemsFollowTheSoftmaxOfTheModelAtItsTemperature) {
  const auto expected = [](double t) {
    return std::exp(2 / t) / (std::exp(2 / t) + 2);
  };
  EXPECT_NEAR(followed(1), expected(1), 0.015);  // deviation 0.0036
  EXPECT_NEAR(followed(0.5), expected(0.5), 0.015);
  EXPECT_NEAR(followed(4), expected(4), 0.015);
}

TEST(SampleCustomers, ACustomerIsAFunctionOfSeedAndNumber) {
  const auto engine = engine_of(0);
  const auto few = sample_customers(engine, real(), many(20));
  const auto more = sample_customers(engine, real(), many(50));
  for (std::size_t u = 0; u < few.size(); ++u) {
    EXPECT_EQ(few[u].items, more[u].items);
    EXPECT_EQ(few[u].times, more[u].times);
  }
  SyntheticOptions other = many(20);
  other.seed = 2;
  bool same = true;
  const auto again = sample_customers(engine, real(), other);
  for (std::size_t u = 0; u < few.size(); ++u) {
    same = same && few[u].items == again[u].items;
  }
  EXPECT_FALSE(same);
}

// The same with a column of two values that changes nothing.
runtime::Engine engine_with_context() {
  artifact::ItemEmbeddingConfig embedding;
  artifact::NextItemConfig head;
  embedding.width = head.width = 3;
  artifact::Description d;
  d.model = {"toy",
             {{"item_embedding", write_fields(embedding)},
              {"context_embedding",
               write_fields(artifact::ContextEmbeddingConfig{3, {"device"}})}},
             {},
             {{"next_item", write_fields(head)}}};
  const std::vector<std::string> items = {"a", "b", "c"};
  d.items = d.actions =
      events::Vocabulary::from_names(std::span<const std::string>(items));
  d.context = {{"device", events::ContextKind::kCategory,
                events::Vocabulary::from_names(
                    std::vector<std::string>{"phone", "desk"})}};
  artifact::Draft draft(d);
  const std::vector<float> zeros(9, 0.0F);
  draft.add<float>("inputs.0.weight", {3, 3}, zeros);
  draft.add<float>("inputs.1.columns.0.weight", {3, 3}, zeros);
  draft.add<float>("heads.0.bias", {3}, std::span(zeros).first(3));
  return runtime::Engine(artifact::Artifact::from_bytes(draft.bytes(), "toy"));
}

TEST(SampleCustomers, ContextIsThatOfTheRealEventWhoseActionWasDrawn) {
  const auto engine = engine_with_context();
  auto log = real();
  for (auto& one : log) {  // c, which alone is bought, on the desk
    one.columns = 1;
    for (const auto item : one.items) {
      one.context.push_back(events::Cell::of_code(index(item) == 2 ? 1 : 0));
    }
  }
  for (const auto& one : sample_customers(engine, log, many(50))) {
    const auto history = one.view();
    for (std::size_t i = 0; i < history.size(); ++i) {
      ASSERT_EQ(history.context.row(i).size(), 1U);
      EXPECT_EQ(history.context.row(i)[0].code(), index(one.actions[i]));
    }
  }
}

TEST(SampleCustomers, RefusesWhatCannotBeDrawn) {
  const auto engine = engine_of(0);
  EXPECT_THROW(sample_customers(engine, {}, many(3)), Error);
  EXPECT_THROW(sample_customers(engine, real(), many(0)), Error);
  EXPECT_THROW(sample_customers(engine, real(), many(3, 0)), Error);
}

}  // namespace
}  // namespace ensue::tasks
