// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/code_table.h"

namespace ensue::kernels {
namespace {

constexpr std::size_t kWidth = 64;

std::vector<float> normal(std::size_t size) {
  Rng rng(1);
  std::vector<float> out(size);
  for (float& v : out) v = static_cast<float>(rng.normal());
  return out;
}

// Rows of equal length and a threshold that few reach: nothing to skip.
void BM_CodeScan(benchmark::State& bench) {
  const auto items = static_cast<std::size_t>(bench.range(0));
  const auto weight = normal(items * kWidth), x = normal(kWidth);
  const CodeTable table({weight, {}, kWidth});
  CodeQuery query;
  table.prepare(x, query);
  std::size_t hits = 0;
  for (auto _ : bench) {
    hits = 0;
    for (std::size_t b = 0; b < table.blocks(); ++b, ++hits) {
      b = table.next(query, 40, b, table.blocks()).block;
    }
  }
  bench.counters["hits"] = static_cast<double>(hits);
  bench.counters["items/s"] =
      benchmark::Counter(static_cast<double>(items),
                         benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_CodeScan)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);

// What an artifact costs when it is loaded.
void BM_CodeTable(benchmark::State& bench) {
  const auto items = static_cast<std::size_t>(bench.range(0));
  const auto weight = normal(items * kWidth);
  for (auto _ : bench) CodeTable table({weight, {}, kWidth});
}
BENCHMARK(BM_CodeTable)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ensue::kernels
