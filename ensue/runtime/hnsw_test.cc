// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/hnsw.h"

#include <gtest/gtest.h>

#include <cstring>

#include "ensue/base/error.h"
#include "ensue/runtime/testing.h"

namespace ensue::runtime {
namespace {

using namespace artifact;
using testing::block;

constexpr std::size_t kItems = 3000;

std::shared_ptr<const Engine> engine(NextItemConfig head) {
  head.width = 16;
  ModelSpec spec{"gru", {}, {}, {block("next_item", head)}};
  spec.inputs = {block("item_embedding", ItemEmbeddingConfig{16, true})};
  spec.blocks = {block("gru", RecurrentConfig{16, 16})};
  return std::make_shared<const Engine>(
      testing::random_artifact(spec, kItems, /*actions=*/1));
}

State some_state(const Engine& model) {
  return model.encode(testing::Events(20, kItems, 1, 3).view());
}

TEST(Hnsw, FindsMostOfTheBestAndSaysHowMany) {
  for (const bool bias : {false, true}) {
    const auto index = Hnsw::build(engine({.bias = bias}));
    EXPECT_GT(index->recall_at_10(), 0.9);
    EXPECT_LE(index->recall_at_10(), 1.0);
  }
  const auto hasty =
      Hnsw::build(engine({.bias = false}),
                  {.links = 4, .build_effort = 4, .search_effort = 1});
  EXPECT_LT(hasty->recall_at_10(), 0.9);
}

TEST(Hnsw, ScoresHaveTheBitsOfTheEngine) {
  const auto model = engine({});
  const auto index = Hnsw::build(model);
  const State state = some_state(*model);
  std::vector<float> scores(kItems);
  model->score(state, scores);
  const auto best = index->top(state, 20);
  ASSERT_EQ(best.size(), 20u);
  for (const Scored& item : best) {
    EXPECT_EQ(std::memcmp(&item.score, &scores[item.item], 4), 0);
  }
}

TEST(Hnsw, WhereAFilterLeavesFewTheExactSearchAnswers) {
  const auto model = engine({});
  const auto index = Hnsw::build(model);
  const State state = some_state(*model);
  std::vector<std::uint64_t> allowed(words_of(kItems));
  allowed[3] = 0b11011;
  const std::vector<std::uint32_t> excluded = {192};
  const ItemFilter filter{allowed, excluded};
  const auto got = index->top(state, 10, filter);
  const auto exact = model->top(state, 10, filter);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(std::memcmp(got.data(), exact.data(), 3 * sizeof(Scored)), 0);
}

TEST(Hnsw, RefusesScoresThatRepeatsRaise) {
  EXPECT_THROW(Hnsw::build(engine({.repeats = 5})), Error);
}

}  // namespace
}  // namespace ensue::runtime
