// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "ensue/artifact/blocks.h"
#include "ensue/runtime/internal/blocks.h"
#include "ensue/runtime/testing.h"

namespace ensue::runtime {
namespace {

using namespace artifact;
using testing::block;

constexpr int kWidth = 20, kWindow = 13;
constexpr std::size_t kItems = 150, kActions = 3;

ModelSpec with_layers(std::string name, std::vector<BlockSpec> layers,
                      bool positions, NextItemConfig head = {}) {
  head.width = kWidth;
  ModelSpec out{std::move(name), {}, std::move(layers), {}};
  out.inputs = {block("item_embedding", ItemEmbeddingConfig{kWidth, true}),
                block("action_embedding", ActionEmbeddingConfig{kWidth})};
  if (positions) {
    out.inputs.push_back(
        block("position_embedding", PositionEmbeddingConfig{kWidth, kWindow}));
  }
  out.heads = {block("next_item", head)};
  return out;
}

// The same with times and values of events.
ModelSpec with_context(ModelSpec model) {
  model.name += "_in_context";
  model.inputs.push_back(
      block("gap_embedding", GapEmbeddingConfig{kWidth, 30}));
  model.inputs.push_back(
      block("calendar_embedding", CalendarEmbeddingConfig{kWidth}));
  model.inputs.push_back(
      block("value_embedding", ValueEmbeddingConfig{kWidth, 12}));
  model.inputs.push_back(
      block("context_embedding",
            ContextEmbeddingConfig{kWidth, {"device", "number", "shelf"}}));
  return model;
}

TransformerConfig transformer(std::string activation) {
  return {.width = kWidth,
          .heads = 2,
          .hidden = 33,
          .window = kWindow,
          .activation = std::move(activation)};
}

HstuConfig hstu(int time_buckets) {
  return {.width = kWidth,
          .heads = 2,
          .window = kWindow,
          .time_buckets = time_buckets};
}

// The same, asked by a mask behind the history.
ModelSpec masked(ModelSpec out) {
  out.inputs[0] =
      block("item_embedding",
            ItemEmbeddingConfig{.width = kWidth, .scale = true, .mask = true});
  return out;
}

// Every kind of layer, alone and stacked.
std::vector<ModelSpec> all_kinds() {
  const BlockSpec gelu = block("transformer", transformer("gelu"));
  const BlockSpec relu = block("transformer", transformer("relu"));
  const BlockSpec gru = block("gru", RecurrentConfig{kWidth, kWidth});
  const BlockSpec both =
      block("bidirectional_transformer", transformer("gelu"));
  return {
      with_layers("bag", {}, false),
      with_layers("rnn", {block("rnn", RecurrentConfig{kWidth, kWidth})},
                  false),
      with_layers("gru", {gru}, false),
      with_layers("lstm",
                  {block("dropout", DropoutConfig{}),
                   block("lstm", RecurrentConfig{kWidth, 31}),
                   block("lstm", RecurrentConfig{31, 7}),
                   block("linear", LinearConfig{7, kWidth})},
                  false, {.tied = false, .bias = false}),
      with_layers("layer_norm", {block("layer_norm", LayerNormConfig{kWidth})},
                  false),
      with_layers("positions", {}, true),
      with_layers("attention", {gelu, relu}, true, {.repeats = 5}),
      with_layers("hstu", {block("hstu", hstu(40))}, false),
      with_layers("timeless_hstu",
                  {block("hstu", hstu(0)), block("hstu", hstu(0))}, false),
      with_context(with_layers("gru", {gru}, false)),
      with_context(with_layers("attention", {gelu, relu}, true)),
      with_context(with_layers("hstu", {block("hstu", hstu(0))}, false)),
      with_layers("mixed", {gru, gelu, block("hstu", hstu(9)), gru}, false,
                  {.repeats = 40}),
      masked(with_layers("bidirectional", {both, both}, true, {.repeats = 5})),
      masked(with_layers("masked_mix", {gelu, both, gru}, true)),
      masked(with_layers("masked_causal", {gelu}, false)),
  };
}

std::vector<float> scores(const Engine& engine, const State& state) {
  std::vector<float> out(engine.items());
  engine.score(state, out);
  return out;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

class EveryKind : public ::testing::TestWithParam<ModelSpec> {
 protected:
  const Engine engine_{testing::random_artifact(GetParam(), kItems, kActions)};
  // A fifth of the events has no item: three windows of known ones and more.
  const testing::Events events_{4 * kWindow, kItems, kActions, /*seed=*/7};
  const events::History view_ = events_.view(engine_.context().size());
};

TEST_P(EveryKind, EventByEventGivesTheBitsOfTheWholeHistory) {
  State stepped = engine_.start();
  for (std::size_t n = 0; n <= events_.items.size(); ++n) {
    const State encoded = engine_.encode(view_.first(n));
    EXPECT_EQ(encoded.events(), stepped.events());
    ASSERT_TRUE(same_bits(scores(engine_, encoded), scores(engine_, stepped)))
        << "after event " << n;
    if (n < events_.items.size())
      engine_.step(stepped, view_[n], view_.context.row(n));
  }
}

TEST_P(EveryKind, AnEncodedStateGoesOnAsASteppedOne) {
  const std::size_t half = events_.items.size() / 2;
  State state = engine_.encode(view_.first(half));
  for (std::size_t n = half; n < events_.items.size(); ++n) {
    engine_.step(state, view_[n], view_.context.row(n));
  }
  EXPECT_TRUE(same_bits(scores(engine_, state),
                        scores(engine_, engine_.encode(view_))));
}

// Also where that step begins a new segment of the events encoded before.
TEST_P(EveryKind, OneStepMoreIsTheEncodedHistoryWithOneEventMore) {
  for (std::size_t n = 0; n < view_.size(); ++n) {
    State state = engine_.encode(view_.first(n));
    engine_.step(state, view_[n], view_.context.row(n));
    ASSERT_TRUE(same_bits(scores(engine_, state),
                          scores(engine_, engine_.encode(view_.first(n + 1)))))
        << "after event " << n;
  }
}

TEST_P(EveryKind, ManyUsersAtOnceGiveTheBitsOfEachAlone) {
  std::vector<State> states;
  for (std::size_t n = 0; n < 15; ++n) {
    states.push_back(engine_.encode(view_.first(3 * n)));
  }
  for (std::size_t users = 0; users <= states.size(); ++users) {
    std::vector<const State*> some;
    for (std::size_t i = 0; i < users; ++i) some.push_back(&states[i]);
    std::vector<float> out(users * kItems);
    engine_.score(some, out);
    for (std::size_t i = 0; i < users; ++i) {
      const std::vector<float> row(out.begin() + i * kItems,
                                   out.begin() + (i + 1) * kItems);
      ASSERT_TRUE(same_bits(row, scores(engine_, states[i])))
          << "user " << i << " of " << users;
    }
  }
}

TEST_P(EveryKind, EventsWithoutAKnownItemChangeNothing) {
  State state = engine_.encode(view_);
  const std::vector<float> before = scores(engine_, state);
  engine_.step(state, {});
  engine_.step(state, {.item = events::ItemId{kItems}});
  EXPECT_TRUE(same_bits(before, scores(engine_, state)));
  EXPECT_EQ(state.events(), engine_.encode(view_).events());
}

TEST_P(EveryKind, ACopyIsAWhatIfBranch) {
  const State state = engine_.encode(view_);
  const std::vector<float> before = scores(engine_, state);
  State copy = state;
  engine_.step(copy, {.item = events::ItemId{1}});
  EXPECT_TRUE(same_bits(before, scores(engine_, state)));
  EXPECT_FALSE(same_bits(before, scores(engine_, copy)));
}

INSTANTIATE_TEST_SUITE_P(Engine, EveryKind, ::testing::ValuesIn(all_kinds()),
                         [](const auto& kind) { return kind.param.name; });

TEST(Engine, ASlidWindowForgetsWhatLiesBeforeItsSegment) {
  const Engine engine(testing::random_artifact(
      with_layers("attention", {block("transformer", transformer("gelu"))},
                  true),
      kItems, kActions));
  testing::Events some(3 * kWindow, kItems, kActions, 3);
  for (std::size_t i = 4; i < some.items.size(); i += 5) {
    some.items[i] = events::ItemId{5};
  }
  for (std::size_t n = 1; n <= some.items.size(); ++n) {
    const std::size_t start = segment_start(n, kWindow);
    const State whole = engine.encode(some.view().first(n));
    const State segment = engine.encode(some.view().slice(start, n));
    ASSERT_TRUE(same_bits(scores(engine, whole), scores(engine, segment)))
        << "after event " << n;
  }
}

// Whatever else stands before what an engine says that it reads.
TEST(Engine, ReadsNothingBeforeWhatItSaysItReads) {
  std::size_t bounded = 0;
  for (const ModelSpec& spec : all_kinds()) {
    const Engine engine(testing::random_artifact(spec, kItems, kActions));
    for (const std::size_t n : {kWindow / 2, 3 * kWindow + 1, 6 * kWindow}) {
      testing::Events some(n, kItems, kActions, 3);
      testing::Events other(n, kItems, kActions, 4);
      for (std::size_t i = 4; i < n; i += 5) {  // all are known
        some.items[i] = other.items[i] = events::ItemId{5};
      }
      const std::size_t first = engine.first_read(n);
      ASSERT_LE(first, n);
      bounded += first > 0;
      const auto rest = static_cast<std::ptrdiff_t>(first);
      std::copy(some.items.begin() + rest, some.items.end(),
                other.items.begin() + rest);
      std::copy(some.actions.begin() + rest, some.actions.end(),
                other.actions.begin() + rest);
      std::copy(some.times.begin() + rest, some.times.end(),
                other.times.begin() + rest);
      std::copy(some.values.begin() + rest, some.values.end(),
                other.values.begin() + rest);
      EXPECT_TRUE(same_bits(scores(engine, engine.encode(some.view())),
                            scores(engine, engine.encode(other.view()))))
          << spec.name << " after " << n << " events, from " << first;
    }
  }
  EXPECT_GT(bounded, 10U);
}

// Two layers see the events that the events in the window see.
TEST(Engine, ARelativeWindowForgetsExactlyWhatLiesBeforeIt) {
  const Engine engine(testing::random_artifact(
      with_layers("hstu", {block("hstu", hstu(40)), block("hstu", hstu(40))},
                  false),
      kItems, kActions));
  testing::Events some(5 * kWindow, kItems, kActions, 3);
  for (std::size_t i = 4; i < some.items.size(); i += 5) {
    some.items[i] = events::ItemId{5};
  }
  constexpr std::size_t reach = 2 * (kWindow - 1) + 1;
  State state = engine.start();
  for (std::size_t n = 1; n <= some.items.size(); ++n) {
    engine.step(state, some.view()[n - 1]);
    if (n <= reach) continue;
    const auto of_last = [&](std::size_t events) {
      return scores(engine, engine.encode(some.view().slice(n - events, n)));
    };
    const auto stepped = scores(engine, state);
    ASSERT_TRUE(same_bits(stepped, of_last(reach))) << "after event " << n;
    ASSERT_FALSE(same_bits(stepped, of_last(reach - 1))) << "after event " << n;
  }
}

TEST(Engine, TheTimeSinceAnEarlierEventMattersToALayerWithTimes) {
  for (const int time_buckets : {0, 40}) {
    const Engine engine(testing::random_artifact(
        with_layers("hstu", {block("hstu", hstu(time_buckets))}, false), kItems,
        kActions));
    const auto after = [&](std::int64_t gap_ms) {
      State state = engine.start();
      engine.step(state, {.item = events::ItemId{1}});
      engine.step(state,
                  {.item = events::ItemId{2}, .time = events::Millis{gap_ms}});
      return scores(engine, state);
    };
    EXPECT_TRUE(same_bits(after(60'000), after(61'000)));
    EXPECT_EQ(same_bits(after(60'000), after(events::kDayMs)),
              time_buckets == 0);
  }
}

TEST(Engine, TheGapIsToTheEventBefore) {
  auto spec = with_layers("bag", {}, false);
  spec.inputs.push_back(block("gap_embedding", GapEmbeddingConfig{kWidth, 30}));
  const Engine engine(testing::random_artifact(spec, kItems, kActions));
  const auto output = [&engine](std::vector<std::int64_t> seconds) {
    State state = engine.start();
    for (const std::int64_t s : seconds) {
      events::Event event;
      event.item = events::ItemId{5};
      event.time = events::Millis{1000 * s};
      engine.step(state, event);
    }
    const auto x = engine.output(state);
    return std::vector<float>(x.begin(), x.end());
  };
  EXPECT_TRUE(same_bits(output({0, 7, 9}), output({3, 5})));
  EXPECT_FALSE(same_bits(output({0, 7, 9}), output({0, 7, 8})));
  EXPECT_FALSE(same_bits(output({0}), output({0, 0})))
      << "the first event has no gap, which is not a gap of nothing";
}

TEST(Engine, OnlyTheTimesBetweenEventsMatter) {
  const Engine engine(testing::random_artifact(
      with_layers("hstu", {block("hstu", hstu(40))}, false), kItems, kActions));
  testing::Events some(3 * kWindow, kItems, kActions, 3);
  const auto before = scores(engine, engine.encode(some.view()));
  for (auto& time : some.times) {
    time = events::Millis{events::count(time) + 1'700'000'000'123};
  }
  EXPECT_TRUE(same_bits(before, scores(engine, engine.encode(some.view()))));
}

TEST(Engine, WithoutEventsTheLearntBiasAnswers) {
  const auto artifact = testing::random_artifact(
      with_layers("gru", {block("gru", RecurrentConfig{kWidth, kWidth})}, false,
                  {.repeats = 5}),
      kItems, kActions);
  const Engine engine(artifact);
  const auto bias = artifact->tensor("heads.0.bias").as<float>();
  EXPECT_TRUE(same_bits(scores(engine, engine.start()),
                        std::vector<float>(bias.begin(), bias.end())));
}

TEST(Engine, AnUnknownActionCountsAsTheFirstOne) {
  const Engine engine(testing::random_artifact(with_layers("bag", {}, false),
                                               kItems, kActions));
  State first = engine.start(), unknown = engine.start();
  engine.step(first, {.item = events::ItemId{3}});
  engine.step(unknown,
              {.item = events::ItemId{3}, .action = events::ActionId{200}});
  EXPECT_TRUE(same_bits(scores(engine, first), scores(engine, unknown)));
}

// score[i] = x . E[i] + bias[i] + sum_d (weight[d] + gate[d] . x) number[d](i)
TEST(Engine, RepeatsRaiseWhatTheUserTookBefore) {
  ModelSpec spec{"toy", {}, {}, {}};
  spec.inputs = {block("item_embedding", ItemEmbeddingConfig{1})};
  spec.heads = {block("next_item", NextItemConfig{1, true, false, 2})};
  Description description;
  description.model = spec;
  description.schema.order_within_instant = true;
  description.items = events::Vocabulary::from_names(testing::names("i", 3));
  Draft draft(description);
  draft.add<float>("inputs.0.weight", {3, 1}, std::vector<float>{1, 2, 3});
  draft.add<float>("heads.0.repeat.weight", {3}, std::vector<float>{1, 0, 0});
  draft.add<float>("heads.0.repeat.gate", {3, 1}, std::vector<float>{0, 0, 4});
  const Engine engine(Artifact::from_bytes(draft.bytes(), "toy"));
  State state = engine.start();
  for (const std::uint32_t item : {0, 1, 2}) {  // 0 is too long ago for two
    engine.step(state, {.item = events::ItemId{item}});
  }
  // x = 3; shares 1, 0, 12. Item 2: age 0; item 1: age 1.
  const std::vector<float> out = scores(engine, state);
  EXPECT_FLOAT_EQ(out[0], 3);
  EXPECT_FLOAT_EQ(out[1], 6 + std::log(2.0F) + 12 * std::log(1.6F));
  EXPECT_FLOAT_EQ(out[2], 9 + std::log(2.0F) + 12 * std::log(2.0F));
}

std::string refusal(const ModelSpec& spec, Draft draft) {
  draft.description().model = spec;
  try {
    const Engine engine(Artifact::from_bytes(draft.bytes(), "m"));
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt) << error.what();
    return error.what();
  }
}

TEST(Engine, ABlockThatDoesNotFitItsTensorsOrNeighboursIsRefused) {
  const ModelSpec good = with_layers(
      "gru", {block("gru", RecurrentConfig{kWidth, kWidth})}, false);
  const Draft draft = testing::random_draft(good, kItems, kActions, 1);
  ModelSpec hidden = good, inputs = good, head = good, two = good;
  hidden.blocks = {block("gru", RecurrentConfig{kWidth, 21})};
  inputs.blocks = {block("linear", LinearConfig{kWidth, 5}),
                   block("gru", RecurrentConfig{kWidth, kWidth})};
  head.heads = {block("next_item", NextItemConfig{5})};
  two.heads.push_back(two.heads[0]);
  EXPECT_EQ(refusal(good, draft), "");
  EXPECT_NE(refusal(hidden, draft).find("tensor blocks.0.weight_ih is F32"),
            std::string::npos);
  EXPECT_NE(refusal(inputs, draft).find("blocks.0.weight is missing"),
            std::string::npos);
  EXPECT_NE(refusal(head, draft).find("inputs.0.weight is F32[150, 20]"),
            std::string::npos);
  EXPECT_NE(refusal(two, draft).find("2 heads"), std::string::npos);
}

TEST(Blocks, AnsweringKnowsEveryBlockOfTheCatalogueInItsRole) {
  std::vector<std::string_view> known, listed;
  for (const auto& entry : runtime::inputs().all()) known.push_back(entry.name);
  for (const auto& entry : runtime::layers().all()) known.push_back(entry.name);
  for (const auto& entry : runtime::heads().all()) known.push_back(entry.name);
  for (const auto& entry : artifact::blocks().all()) {
    // Heads that stand behind the one that scores: NextEvent, Decoder.
    if (entry.name == "next_event" || entry.name == "decoder") continue;
    if (entry.name == "label") continue;  // likewise: LabelHead
    // Heads that answer from rows of a table: TableModel.
    if (entry.name.starts_with("table_")) continue;
    // A head that counts purchases: PurchaseModel.
    if (entry.name == "purchases") continue;
    listed.push_back(entry.name);
  }
  EXPECT_EQ(known, listed);
}

TEST(Translation, GoesByNameAndLeavesUnknownItemsOut) {
  ModelSpec spec = with_layers("bag", {}, false);
  const Engine engine(testing::random_artifact(spec, kItems, kActions));
  events::LogBuilder builder;
  const auto log = builder.add("u", "item7", events::Millis{1}, "action2")
                       .add("u", "stranger", events::Millis{2}, "action1")
                       .add("u", "item0", events::Millis{3}, "novel")
                       .build();
  const Translation translation(log, engine);
  const auto seen = translation.translate(log.history(events::UserId{0}));
  EXPECT_EQ(seen.items, (std::vector{events::ItemId{7}, events::ItemId{0}}));
  EXPECT_EQ(seen.actions,
            (std::vector{events::ActionId{2}, events::ActionId{0}}));
  EXPECT_EQ(seen.kept, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_FALSE(translation.item(*log.item_names().find("stranger") == 1
                                    ? events::ItemId{1}
                                    : events::kNoItem));
}

TEST(Softmax, TurnsLogitsIntoProbabilities) {
  std::vector<float> x = {std::log(1.0F), std::log(3.0F), -1000.0F};
  softmax(x);
  EXPECT_NEAR(x[0], 0.25, 1e-7);
  EXPECT_NEAR(x[1], 0.75, 1e-7);
  EXPECT_EQ(x[2], 0.0F);
}

}  // namespace
}  // namespace ensue::runtime
