// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "ensue/runtime/engine.h"
#include "ensue/runtime/testing.h"
#include "ensue/runtime/top_k.h"

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
    spec.blocks = {block(layer, TransformerConfig{.width = kWidth}),
                   block(layer, TransformerConfig{.width = kWidth})};
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

// A user nobody remembers: the whole history, all items, the ten best.
void BM_Answer(benchmark::State& bench) {
  const auto items = static_cast<std::size_t>(bench.range(1));
  const auto model = engine(layer_of(bench), items);
  testing::Events past(static_cast<std::size_t>(bench.range(2)), items, 1, 1);
  for (auto& item : past.items) {
    if (item == events::kNoItem) item = events::ItemId{1};
  }
  std::vector<float> scores(items);
  for (auto _ : bench) {
    model->score(model->encode(past.view()), scores);
    benchmark::DoNotOptimize(top_k(scores, 10));
  }
  bench.SetLabel(layer_of(bench));
}
BENCHMARK(BM_Answer)
    ->ArgNames({"layer", "items", "history"})
    ->ArgsProduct({{0, 1}, {10'000, 100'000}, {50, 200}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ensue::runtime
