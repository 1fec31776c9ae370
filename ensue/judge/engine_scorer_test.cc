// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/judge/scorer.h"
#include "ensue/judge/testing.h"

namespace ensue::judge {
namespace {

using events::Log;
using runtime::Engine;
constexpr std::size_t kKnown = 20;  // items the model knows, of the log's 25

// A GRU with random weights over items "0" … "19".
std::shared_ptr<const Engine> random_gru(const Log& log) {
  constexpr std::int64_t kWidth = 8;
  artifact::ItemEmbeddingConfig embedding;
  artifact::RecurrentConfig gru;
  artifact::NextItemConfig head;
  embedding.width = head.width = gru.inputs = gru.hidden = kWidth;
  artifact::Description d;
  d.model = {"gru",
             {{"item_embedding", write_fields(embedding)}},
             {{"gru", write_fields(gru)}},
             {{"next_item", write_fields(head)}}};
  std::vector<std::string> names, actions;
  for (std::size_t i = 0; i < kKnown; ++i) names.push_back(std::to_string(i));
  for (std::size_t a = 0; a < log.action_names().size(); ++a) {
    actions.emplace_back(log.action_names().name(a));
  }
  d.items = events::Vocabulary::from_names(names);
  d.actions = events::Vocabulary::from_names(actions);
  artifact::Draft draft(d);
  Rng rng(11);
  const auto add = [&](const char* name, std::vector<std::int64_t> shape) {
    std::size_t size = 1;
    for (const auto n : shape) size *= static_cast<std::size_t>(n);
    std::vector<float> values(size);
    for (float& v : values) v = static_cast<float>(rng.normal());
    draft.add<float>(name, std::move(shape), values);
  };
  add("inputs.0.weight", {kKnown, kWidth});
  add("blocks.0.weight_ih", {3 * kWidth, kWidth});
  add("blocks.0.weight_hh", {3 * kWidth, kWidth});
  add("blocks.0.bias_ih", {3 * kWidth});
  add("blocks.0.bias_hh", {3 * kWidth});
  add("heads.0.bias", {kKnown});
  return std::make_shared<const Engine>(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

std::vector<Query> queries_of_user(const Split& split, events::UserId user) {
  std::vector<Query> out;
  for (const Query& q : split.test) {
    if (q.user == user) out.push_back(q);
  }
  return out;
}

TEST(EngineScorer, GivesTheScoresOfEachHistoryAlone) {
  testing::RandomLog shape;
  shape.users = 3;
  shape.events = 900;  // more questions per user than one batch holds
  const Log log = testing::random_log(1, shape);
  SplitOptions options;
  options.test = 0.3;
  const Split split = make_split(log, options);
  const auto engine = random_gru(log);
  const auto scorer = engine_scorer("gru", engine, log);
  const runtime::Translation translation(log, *engine);
  ASSERT_EQ(scorer->items(), kKnown);

  const auto queries = queries_of_user(split, split.test[0].user);
  ASSERT_GT(queries.size(), 40u);
  std::size_t next = 0;
  std::vector<float> alone(kKnown);
  scorer->score(log, queries, [&](std::size_t q, std::span<const float> got) {
    EXPECT_EQ(q, next++);
    const auto past = translation.translate(
        log.history(queries[q].user).first(queries[q].history));
    engine->score(engine->encode(past.view()), alone);
    EXPECT_TRUE(std::equal(got.begin(), got.end(), alone.begin(), alone.end()))
        << "query " << q;
  });
  EXPECT_EQ(next, queries.size());
}

TEST(EngineScorer, HasNoPlaceForAnItemTheModelDoesNotKnow) {
  const Log log = testing::random_log(1);
  const auto scorer = engine_scorer("gru", random_gru(log), log);
  EXPECT_FALSE(scorer->place(events::ItemId{*log.item_names().find("23")}));
  EXPECT_EQ(scorer->place(events::ItemId{*log.item_names().find("7")}), 7u);
}

TEST(EngineScorer, AnswersAnEmptyHistory) {
  const Log log = testing::random_log(1);
  const auto engine = random_gru(log);
  const auto scorer = engine_scorer("gru", engine, log);
  std::vector<float> empty(kKnown);
  engine->score(engine->start(), empty);
  const Query query{events::UserId{0}, 0, {0, 1}};
  scorer->score(
      log, std::span(&query, 1), [&](std::size_t, std::span<const float> got) {
        EXPECT_TRUE(
            std::equal(got.begin(), got.end(), empty.begin(), empty.end()));
      });
}

}  // namespace
}  // namespace ensue::judge
