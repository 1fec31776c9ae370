// SPDX-License-Identifier: Apache-2.0
// One answer from a remembered state: a new event, then the exact ten best, one
// thread. 64 users take turns; every state is at a random place of its window,
// so that the segments that are encoded anew are among the answers. The peer
// keeps no state: it encodes the last 50 events.
#include <cstdio>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/serve_model.h"
#include "apps/ensue-bench/serve_peer.h"
#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

constexpr double kSeconds = 3;  // of each measurement
constexpr std::size_t kUsers = 64, kEvents = 50;

Latency step_and_top(const ServeShape& shape) {
  const auto engine = serve_engine(shape);
  Rng rng(2);
  std::vector<runtime::State> users;
  for (std::size_t u = 0; u < kUsers; ++u) {
    const RandomHistory past(kEvents + rng.below(kEvents), shape.items, rng);
    users.push_back(engine->encode(past.view()));
  }
  std::size_t user = 0, shown = 0;
  const Latency out = latency(kSeconds, [&] {
    runtime::State& state = users[user++ % kUsers];
    const auto item = static_cast<std::uint32_t>(rng.below(shape.items));
    engine->step(state, {.item = events::ItemId{item}});
    shown += engine->top(state, 10).size();
  });
  return shown % 10 == 0 ? out : Latency{};
}

BenchFigures run(const BenchOptions&) {
  TextTable table({"items", "item vectors", "p50 ms", "p99 ms", "peer p50 ms",
                   "ratio", "peer"});
  BenchFigures out;
  const std::pair<std::size_t, double> sizes[] = {
      {10'000, 0.265}, {100'000, 1.09}, {1'000'000, 17.5}};
  for (const auto& [items, recorded] : sizes) {
    const auto peer = onnx_runtime(
        {.items = items, .history = kEvents, .recorded_ms = recorded});
    for (const bool by_rank : {false, true}) {
      const Latency ours = step_and_top({.items = items, .by_rank = by_rank});
      const double ratio = peer.p50_ms / ours.p50;
      table.add({grouped(items), by_rank ? "shorter by rank" : "equal length",
                 fixed(ours.p50, 4), fixed(ours.p99, 4), fixed(peer.p50_ms, 3),
                 fixed(ratio, 1), peer.source});
      const std::string key = short_count(items) + (by_rank ? "_by_rank" : "");
      out.emplace_back("p50_" + key + "_ms", fixed(ours.p50, 4));
      if (!by_rank) out.emplace_back("ratio_" + key, fixed(ratio, 1));
    }
  }
  std::fputs(table.text().c_str(), stdout);
  return out;
}

}  // namespace

Bench serve_step_bench() {
  return {"serve/step", "one event and the ten best, from a state", run};
}

}  // namespace ensue::apps
