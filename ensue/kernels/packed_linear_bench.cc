// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <vector>

#include "ensue/kernels/packed_linear.h"

namespace ensue::kernels {
namespace {

// The projections of one event or of a history, and the scores of one user or
// of a batch over a catalogue.
void BM_PackedLinear(benchmark::State& bench) {
  const auto rows = static_cast<std::size_t>(bench.range(0));
  const auto outputs = static_cast<std::size_t>(bench.range(1));
  const auto inputs = static_cast<std::size_t>(bench.range(2));
  const std::vector<float> weight(outputs * inputs, 0.1F), x(rows * inputs, 1);
  std::vector<float> y(rows * outputs);
  const PackedLinear linear(weight, {}, outputs, inputs);
  for (auto _ : bench) {
    linear.apply(x, rows, y);
    benchmark::DoNotOptimize(y.data());
  }
  const double work = 2.0 * static_cast<double>(rows * outputs * inputs);
  bench.counters["FLOP/s"] =
      benchmark::Counter(work, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_PackedLinear)
    ->ArgNames({"rows", "outputs", "inputs"})
    ->Args({1, 192, 64})
    ->Args({64, 192, 64})
    ->Args({64, 256, 64})
    ->Args({64, 64, 256})
    ->Args({200, 150, 50})
    ->Args({1, 10'000, 64})
    ->Args({1, 100'000, 64})
    ->Args({32, 10'000, 64})
    ->Args({32, 100'000, 64});

}  // namespace
}  // namespace ensue::kernels
