// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "ensue/nn/losses.h"

namespace ensue::nn {
namespace {

// A batch that shares its draws, every event predicting one item.
void BM_SampledSoftmax(benchmark::State& bench) {
  const std::int64_t events = 2048, items = 3416, width = 64;
  const int negatives = static_cast<int>(bench.range(0));
  Parameter weight;
  weight.value = at::rand({items, width}, at::kFloat).sub_(0.5);
  weight.grad = at::zeros_like(weight.value);
  if (bench.range(1) == 16) weight.precision = Precision::kBf16;
  ItemHead head;
  head.weight = &weight;
  Targets targets;
  for (std::int64_t i = 0; i < events; ++i) {
    targets.rows.push_back(i);
    targets.items.push_back(i * 7 % items);
    targets.weights.push_back(1);
    targets.begin.push_back(i + 1);
  }
  const std::vector<std::uint64_t> popularity(static_cast<std::size_t>(items),
                                              1);
  const NegativeSampler sampler(popularity, 0);
  const at::Tensor hidden = at::rand({events, width}, at::kFloat);
  Rng rng(1);
  for (auto _ : bench) {
    benchmark::DoNotOptimize(
        sampled_softmax_loss(hidden, targets, head, sampler, negatives, rng));
  }
}
BENCHMARK(BM_SampledSoftmax)
    ->ArgNames({"negatives", "bits"})
    ->ArgsProduct({{256, 1024, 2048}, {32, 16}})
    ->UseRealTime();

}  // namespace
}  // namespace ensue::nn
