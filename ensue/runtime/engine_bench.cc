// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "ensue/base/rng.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/testing.h"

namespace ensue::runtime {
namespace {

using namespace artifact;
using testing::block;

constexpr int kWidth = 64, kWindow = 200;

// Two layers of 64 units, the shape that other engines are measured with.
std::shared_ptr<const Engine> engine(const std::string& layer,
                                     std::size_t items) {
  ModelSpec spec{layer, {}, {}, {block("next_item", NextItemConfig{kWidth})}};
  spec.inputs = {block("item_embedding", ItemEmbeddingConfig{kWidth})};
  if (layer == "transformer") {
    spec.inputs.push_back(
        block("position_embedding", PositionEmbeddingConfig{kWidth, kWindow}));
    spec.blocks = {
        block(layer,
              TransformerConfig{.width = kWidth, .heads = 2, .hidden = kWidth}),
        block(layer, TransformerConfig{
                         .width = kWidth, .heads = 2, .hidden = kWidth})};
  } else {
    spec.blocks = {block(layer, RecurrentConfig{kWidth, kWidth}),
                   block(layer, RecurrentConfig{kWidth, kWidth})};
  }
  return std::make_shared<const Engine>(
      testing::random_artifact(spec, items, /*actions=*/1));
}

const char* layer_of(const benchmark::State& bench) {
  return bench.range(0) == 0 ? "gru" : "transformer";
}

// One more click of a user who has been here for long: new state only.
void BM_Step(benchmark::State& bench) {
  const auto model = engine(layer_of(bench), 10'000);
  const testing::Events past(250, 10'000, 1, 1);
  State state = model->encode(past.view());
  for (auto _ : bench) model->step(state, {.item = events::ItemId{7}});
  bench.SetLabel(layer_of(bench));
}
BENCHMARK(BM_Step)->Arg(0)->Arg(1);

testing::Events known_history(std::size_t size, std::size_t items) {
  testing::Events out(size, items, 1, 1);
  for (auto& item : out.items) {
    if (item == events::kNoItem) item = events::ItemId{1};
  }
  return out;
}

// A remembered user's next click and the ten best then.
void BM_StepAndTop(benchmark::State& bench) {
  const auto items = static_cast<std::size_t>(bench.range(1));
  const auto model = engine(layer_of(bench), items);
  const State before = model->encode(known_history(49, items).view());
  State state = before;
  std::uint32_t item = 0;
  for (auto _ : bench) {
    state = before;
    item = (item + 1) % 1000;
    model->step(state, {.item = events::ItemId{item}});
    benchmark::DoNotOptimize(model->top(state, 10));
  }
  bench.SetLabel(layer_of(bench));
}
BENCHMARK(BM_StepAndTop)
    ->ArgNames({"layer", "items"})
    ->ArgsProduct({{0, 1}, {10'000, 100'000, 1'000'000}})
    ->Unit(benchmark::kMicrosecond);

// A user nobody remembers: the whole history, all items, the ten best.
void BM_Answer(benchmark::State& bench) {
  const auto items = static_cast<std::size_t>(bench.range(1));
  const auto model = engine(layer_of(bench), items);
  const auto past =
      known_history(static_cast<std::size_t>(bench.range(2)), items);
  for (auto _ : bench) {
    benchmark::DoNotOptimize(model->top(model->encode(past.view()), 10));
  }
  bench.SetLabel(layer_of(bench));
}
BENCHMARK(BM_Answer)
    ->ArgNames({"layer", "items", "history"})
    ->ArgsProduct({{0, 1}, {10'000, 100'000}, {50, 200}})
    ->Unit(benchmark::kMicrosecond);

// One thread's half of 32 requests that arrive together.
void BM_Batch(benchmark::State& bench) {
  const auto items = static_cast<std::size_t>(bench.range(1));
  const auto model = engine(layer_of(bench), items);
  const auto past = known_history(50, items);
  for (auto _ : bench) {
    std::vector<State> states(16);
    std::vector<TopRequest> asked;
    for (State& state : states) {
      state = model->encode(past.view());
      asked.push_back({&state, 10});
    }
    benchmark::DoNotOptimize(model->top(asked));
  }
  bench.counters["requests/s"] =
      benchmark::Counter(16, benchmark::Counter::kIsIterationInvariantRate);
  bench.SetLabel(layer_of(bench));
}
BENCHMARK(BM_Batch)
    ->ArgNames({"layer", "items"})
    ->ArgsProduct({{0, 1}, {10'000, 1'000'000}})
    ->Unit(benchmark::kMicrosecond);

// What no history asks for: the best of a catalogue of which a filter leaves
// `permille` items, or of which all are equal.
void BM_Hard(benchmark::State& bench) {
  const std::size_t items = 100'000;
  const auto model = engine("gru", items);
  const State state = model->encode(known_history(50, items).view());
  std::vector<std::uint64_t> allowed(words_of(items));
  Rng rng(1);
  for (std::size_t i = 0; i < items; ++i) {
    if (!rng.chance(static_cast<double>(bench.range(0)) / 1000)) continue;
    allowed[i / 64] |= std::uint64_t{1} << i % 64;
  }
  for (auto _ : bench) {
    benchmark::DoNotOptimize(model->top(
        state, static_cast<std::size_t>(bench.range(1)), {allowed, {}}));
  }
}
BENCHMARK(BM_Hard)
    ->ArgNames({"permille", "k"})
    ->ArgsProduct({{1, 50, 100, 500, 1000}, {10, 1000}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ensue::runtime
