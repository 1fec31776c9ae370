// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

Packed batch_of(std::int64_t events, std::int64_t length) {
  Packed out;
  out.items.resize(static_cast<std::size_t>(events));
  for (std::int64_t end = length; end <= events; end += length) {
    out.offsets.push_back(end);
  }
  return out;
}

// One training step's attention, both ways, over full histories. The work
// counted is that of the seven products over the pairs that see each other.
void BM_CausalAttention(benchmark::State& bench) {
  const std::int64_t length = bench.range(0), width = bench.range(1);
  const int heads = static_cast<int>(bench.range(2));
  const std::int64_t events = bench.range(3) / length * length;
  const Packed batch = batch_of(events, length);
  const at::Tensor qkv =
      at::rand({events, 3 * width}, at::kFloat).sub_(0.5).requires_grad_(true);
  const at::Tensor slope = at::rand({events, width}, at::kFloat);
  for (auto _ : bench) {
    causal_attention(qkv, batch, heads).backward(slope);
    qkv.mutable_grad().reset();
  }
  const double pairs = static_cast<double>(events * (length + 1)) / 2;
  bench.counters["FLOP/s"] =
      benchmark::Counter(14 * pairs * static_cast<double>(width),
                         benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_CausalAttention)
    ->ArgNames({"length", "width", "heads", "events"})
    ->Args({200, 64, 2, 2048})
    ->Args({200, 64, 1, 2048})
    ->Args({200, 50, 1, 2048})
    ->Args({50, 50, 2, 2048})
    ->Args({50, 64, 2, 2048})
    ->Args({200, 50, 1, 25600})
    ->Args({200, 128, 8, 2048})
    ->UseRealTime();

}  // namespace
}  // namespace ensue::nn
