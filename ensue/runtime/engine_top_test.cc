// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "ensue/base/error.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/testing.h"

namespace ensue::runtime {
namespace {

using namespace artifact;
using testing::block;

constexpr int kWidth = 20;
constexpr std::size_t kItems = 1500, kActions = 3;

ModelSpec gru_with(NextItemConfig head) {
  head.width = kWidth;
  ModelSpec out{"gru", {}, {}, {block("next_item", head)}};
  out.inputs = {block("item_embedding", ItemEmbeddingConfig{kWidth, true}),
                block("action_embedding", ActionEmbeddingConfig{kWidth})};
  out.blocks = {block("gru", RecurrentConfig{kWidth, kWidth})};
  return out;
}

std::vector<ModelSpec> heads() {
  return {gru_with({}), gru_with({.tied = false, .bias = false}),
          gru_with({.repeats = 30})};
}

// Every third item, and not those that the user had.
struct Filter {
  std::vector<std::uint64_t> allowed;
  std::vector<std::uint32_t> excluded = {3, 9, 600, 1497};
  Filter() : allowed(words_of(kItems)) {
    for (std::size_t i = 0; i < kItems; i += 3) {
      allowed[i / 64] |= std::uint64_t{1} << i % 64;
    }
  }
  ItemFilter view() const { return {allowed, excluded}; }
};

bool same(const std::vector<Scored>& a, const std::vector<Scored>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(Scored)) == 0;
}

std::vector<Scored> slowly(const Engine& engine, const State& state,
                           std::size_t k, const ItemFilter& filter) {
  std::vector<float> scores(engine.items());
  engine.score(state, scores);
  return top_k(scores, k, filter);
}

TEST(EngineTop, EqualsTheBestOfAllScoresAfterEveryEvent) {
  const Filter filter;
  for (const ModelSpec& spec : heads()) {
    const Engine engine(testing::random_artifact(spec, kItems, kActions));
    const testing::Events events(80, kItems, kActions, 7);
    State state = engine.start();
    for (std::size_t n = 0; n < 80; ++n) {
      for (const std::size_t k : {0UL, 1UL, 10UL, kItems, 2 * kItems}) {
        ASSERT_TRUE(same(engine.top(state, k), slowly(engine, state, k, {})))
            << "k " << k << " after event " << n;
        ASSERT_TRUE(same(engine.top(state, k, filter.view()),
                         slowly(engine, state, k, filter.view())))
            << "filtered, k " << k << " after event " << n;
      }
      engine.step(state, events.view()[n]);
    }
  }
}

TEST(EngineTop, SeveralUsersGetWhatEachWouldAlone) {
  const Filter filter;
  for (const ModelSpec& spec : heads()) {
    const Engine engine(testing::random_artifact(spec, kItems, kActions));
    std::vector<State> states;
    for (std::uint64_t user = 0; user < 9; ++user) {
      const testing::Events events(5 * user, kItems, kActions, user + 1);
      states.push_back(engine.encode(events.view()));
    }
    std::vector<TopRequest> requests;
    for (std::size_t i = 0; i < states.size(); ++i) {
      requests.push_back({&states[i], 3 * i});
      if (i % 2 == 1) requests.back().filter = filter.view();
      if (i == 6) requests.back().k = kItems;  // that one scores everything
    }
    const auto answers = engine.top(requests);
    ASSERT_EQ(answers.size(), requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto& [state, k, allowed] = requests[i];
      EXPECT_TRUE(same(answers[i], slowly(engine, *state, k, allowed)));
    }
  }
}

TEST(EngineTop, HeadsWithoutVectorsObeyTheFilter) {
  ModelSpec spec{"popular", {}, {}, {block("popularity", PopularityConfig{})}};
  Draft draft = testing::random_draft(spec, kItems, kActions, 1);
  std::vector<float> logs(kItems);
  for (std::size_t i = 0; i < kItems; ++i) {
    logs[i] = -1 - static_cast<float>(i % 10);
  }
  draft.add<float>("heads.0.log_probability", {kItems}, logs);
  const Engine engine(Artifact::from_bytes(draft.bytes(), "popular"));
  const Filter filter;
  const auto best = engine.top(engine.start(), 3, filter.view());
  ASSERT_EQ(best.size(), 3u);
  EXPECT_EQ(best[0].item, 0u);
  EXPECT_EQ(best[1].item, 30u);
  EXPECT_EQ(best[2].item, 60u);
}

TEST(EngineTop, RefusesAFilterForAnotherCatalogue) {
  const Engine engine(testing::random_artifact(gru_with({}), kItems, kActions));
  const std::vector<std::uint64_t> few(3);
  EXPECT_THROW(engine.top(engine.start(), 1, {few, {}}), Error);
}

TEST(EngineTop, AModelWithAWeightThatIsNotFiniteIsRefused) {
  Draft draft =
      testing::random_draft(gru_with({.bias = false}), kItems, kActions, 1);
  draft.description().model = gru_with({});
  std::vector<float> bias(kItems);
  bias[77] = std::numeric_limits<float>::infinity();
  draft.add<float>("heads.0.bias", {kItems}, bias);
  const auto artifact = Artifact::from_bytes(draft.bytes(), "m");
  EXPECT_THROW(Engine{artifact}, Error);
}

}  // namespace
}  // namespace ensue::runtime
