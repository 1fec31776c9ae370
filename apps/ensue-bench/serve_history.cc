// SPDX-License-Identifier: Apache-2.0
// One answer for a user nobody remembers: a whole history is encoded, then the
// exact ten best, one thread. Item vectors of equal length: nothing to skip.
#include <cstdio>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/serve_model.h"
#include "apps/ensue-bench/serve_peer.h"
#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

constexpr double kSeconds = 3;  // of each measurement

struct Case {
  std::size_t items, history;
  double recorded_ms;  // of ONNX Runtime, ANCHORS
};

BenchFigures measure(std::span<const Case> cases) {
  TextTable table(
      {"items", "history", "p50 ms", "p99 ms", "peer p50 ms", "ratio", "peer"});
  BenchFigures out;
  for (const auto& [items, history, recorded] : cases) {
    const auto peer = onnx_runtime(
        {.items = items, .history = history, .recorded_ms = recorded});
    const auto engine =
        serve_engine({.items = items, .window = static_cast<int>(history)});
    Rng rng(2);
    std::vector<RandomHistory> users;
    for (int i = 0; i < 64; ++i) users.emplace_back(history, items, rng);
    std::size_t user = 0, shown = 0;
    const Latency ours = latency(kSeconds, [&] {
      const auto& past = users[user++ % users.size()];
      shown += engine->top(engine->encode(past.view()), 10).size();
    });
    const double ratio = shown > 0 ? peer.p50_ms / ours.p50 : 0;
    table.add({grouped(items), std::to_string(history), fixed(ours.p50, 4),
               fixed(ours.p99, 4), fixed(peer.p50_ms, 3), fixed(ratio, 1),
               peer.source});
    out.emplace_back("p50_" + short_count(items) + "_ms", fixed(ours.p50, 4));
    out.emplace_back("ratio_" + short_count(items), fixed(ratio, 1));
  }
  std::fputs(table.text().c_str(), stdout);
  return out;
}

BenchFigures run_history(const BenchOptions&) {
  return measure(std::vector<Case>{
      {10'000, 50, 0.265}, {100'000, 50, 1.09}, {1'000'000, 50, 17.5}});
}

BenchFigures run_long_history(const BenchOptions&) {
  return measure(std::vector<Case>{
      {10'000, 200, 0.94}, {100'000, 200, 2.08}, {1'000'000, 200, 19.5}});
}

}  // namespace

Bench serve_history_bench() {
  return {"serve/history", "50 events encoded and the ten best", run_history};
}

Bench serve_long_history_bench() {
  return {"serve/long-history", "200 events encoded and the ten best",
          run_long_history};
}

}  // namespace ensue::apps
