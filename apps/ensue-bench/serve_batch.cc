// SPDX-License-Identifier: Apache-2.0
// 32 requests that arrive together, whole histories of 50 events, on two
// threads: each encodes its half and looks for the ten best of all at once.
#include <cstdio>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/serve_model.h"
#include "apps/ensue-bench/serve_peer.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/threads.h"

namespace ensue::apps {
namespace {

constexpr double kSeconds = 3;  // of each measurement
constexpr std::size_t kBatch = 32, kEvents = 50;
constexpr int kThreads = 2;

void answer(const runtime::Engine& engine,
            std::span<const RandomHistory> users) {
  std::vector<runtime::State> states;
  states.reserve(users.size());
  std::vector<runtime::TopRequest> asked;
  for (const RandomHistory& user : users) {
    states.push_back(engine.encode(user.view()));
    asked.push_back({&states.back(), 10});
  }
  engine.top(asked);
}

BenchFigures run(const BenchOptions&) {
  const int before = threads();
  set_threads(kThreads);
  TextTable table({"items", "requests/s", "p50 ms of 32", "peer requests/s",
                   "ratio", "peer"});
  BenchFigures out;
  const std::pair<std::size_t, double> sizes[] = {
      {10'000, 5466}, {100'000, 3281}, {1'000'000, 856}};
  for (const auto& [items, recorded] : sizes) {
    const auto peer = onnx_runtime({.items = items,
                                    .history = kEvents,
                                    .batch = kBatch,
                                    .threads = kThreads,
                                    .recorded_ms = 1e3 * kBatch / recorded});
    const auto engine = serve_engine({.items = items});
    Rng rng(2);
    std::vector<RandomHistory> users;
    for (std::size_t i = 0; i < kBatch; ++i) {
      users.emplace_back(kEvents, items, rng);
    }
    const Latency ours = latency(kSeconds, [&] {
      parallel_for(
          kBatch, kBatch / kThreads, [&](std::size_t begin, std::size_t end) {
            answer(*engine, std::span(users).subspan(begin, end - begin));
          });
    });
    const double rate = 1e3 * kBatch / ours.p50;
    const double theirs = 1e3 * kBatch / peer.p50_ms;
    table.add({grouped(items), fixed(rate, 0), fixed(ours.p50, 3),
               fixed(theirs, 0), fixed(rate / theirs, 1), peer.source});
    if (items == 10'000) out.emplace_back("value", fixed(rate, 0));
    out.emplace_back("per_second_" + short_count(items), fixed(rate, 0));
    out.emplace_back("ratio_" + short_count(items), fixed(rate / theirs, 1));
  }
  set_threads(before);
  std::fputs(table.text().c_str(), stdout);
  return out;
}

}  // namespace

Bench serve_batch_bench() {
  return {"serve/batch", "32 requests at once on two threads", run};
}

}  // namespace ensue::apps
