// SPDX-License-Identifier: Apache-2.0
// Judging a model that reads named columns: each answer knows the context of
// the events before it, and of no later one.
#include <gtest/gtest.h>

#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/judge/evaluate.h"
#include "ensue/judge/futures.h"

namespace ensue::judge {
namespace {

constexpr int kItems = 3;

// The device of the last event says what comes next.
std::shared_ptr<const runtime::Engine> by_device() {
  using namespace artifact;
  const NextItemConfig head{.width = kItems, .tied = false, .bias = false};
  Description about;
  about.model = {
      "device",
      {{"item_embedding", write_fields(ItemEmbeddingConfig{.width = kItems})},
       {"context_embedding",
        write_fields(ContextEmbeddingConfig{kItems, {"device"}})}},
      {},
      {{"next_item", write_fields(head)}}};
  about.items =
      events::Vocabulary::from_names(std::vector<std::string>{"a", "b", "c"});
  about.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view"});
  about.context = {{"device", events::ContextKind::kCategory,
                    events::Vocabulary::from_names(
                        std::vector<std::string>{"for b", "for c"})}};
  Draft draft(about);
  const std::vector<float> one = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::vector<float> weight = one;
  for (float& w : weight) w *= 40;
  draft.add<float>("inputs.0.weight", {kItems, kItems},
                   std::vector<float>(kItems * kItems, 0.0F));
  draft.add<float>("inputs.1.columns.0.weight", {3, kItems}, one);
  draft.add<float>("heads.0.weight", {kItems, kItems}, weight);
  return std::make_shared<const runtime::Engine>(
      Artifact::from_bytes(draft.bytes(), "device"));
}

// Items a, b, c in an order that only the device before each one tells.
events::Log told() {
  const std::string items = "abcbbcaccbacba";
  events::LogBuilder builder;
  for (std::size_t i = 0; i < items.size(); ++i) {
    builder.add("u", items.substr(i, 1), events::Millis{int(i)});
    const char next = i + 1 < items.size() ? items[i + 1] : 'a';
    if (next != 'a') builder.with("device", std::string("for ") + next);
  }
  return builder.build();
}

Split from_the_second_on(const events::Log& log) {
  Split out;
  out.train = {{0, 1}};
  for (std::uint32_t i = 1; i < log.size(); ++i) {
    out.test.push_back({events::UserId{0}, i, {i, i + 1}});
  }
  return out;
}

TEST(JudgedContext, IsThatOfTheEventsBeforeEachQuestion) {
  const events::Log log = told();
  const Split split = from_the_second_on(log);
  const auto scorer = engine_scorer("device", by_device(), log);
  EvaluateOptions options;
  options.ks = {1};
  const auto result = evaluate(log, split, split.test, *scorer, options);
  EXPECT_EQ(result.queries, 13U);
  EXPECT_EQ(result.metrics.at("hit@1").mean, 1);
  EXPECT_LT(result.metrics.at("logloss").mean, 1e-6);
}

TEST(JudgedContext, IsReadWithTheEventsThatCome) {
  const events::Log log = told();
  const std::vector<FuturesQuery> asked = {{events::UserId{0}, 4}};
  const auto result =
      evaluate_futures(log, asked, *by_device(), {.steps = 6, .samples = 2});
  EXPECT_LT(result.metrics.at("item_logloss").mean, 1e-6);
}

}  // namespace
}  // namespace ensue::judge
