// SPDX-License-Identifier: Apache-2.0
// A million users of 50 events: what they take on disk, and what their states
// take in memory.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/serve_model.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/serve/states.h"
#include "ensue/store/open.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kUsers = 1'000'000, kEach = 50, kItems = 100'000,
                      kBatch = 1000, kAsked = 100'000,
                      kBudget = std::size_t{64} << 20;

double gib(double bytes) { return bytes / (1 << 30); }

// Events as they come: everybody's first, then everybody's second, … with
// minutes to days between those of one user.
void fill(store::EventStore& store) {
  Rng rng(/*seed=*/1);
  std::vector<std::int64_t> time(kUsers, 1'700'000'000'000);
  std::vector<store::Event> batch;
  for (std::size_t e = 0; e < kEach; ++e) {
    for (std::size_t u = 0; u < kUsers; ++u) {
      const double gap = std::exp(8 + 3 * rng.normal());  // seconds
      time[u] += 1000 * static_cast<std::int64_t>(std::min(gap, 1e6)) +
                 static_cast<std::int64_t>(rng.below(1000));
      batch.push_back({.user = "user" + std::to_string(u),
                       .item = "item" + std::to_string(rng.below(kItems)),
                       .action = rng.chance(0.1) ? "purchase" : "view",
                       .time = events::Millis{time[u]}});
      if (batch.size() < kBatch) continue;
      store.append(batch, events::Millis{time[u]});
      batch.clear();
    }
    std::printf("\r%zu of %zu events each", e + 1, kEach);
    std::fflush(stdout);
  }
  std::printf("\n");
}

std::uint64_t bytes_of(const std::filesystem::path& folder) {
  std::uint64_t out = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) out += file.file_size();
  }
  return out;
}

BenchFigures run(const BenchOptions&) {
  using Clock = std::chrono::steady_clock;
  const ScratchFolder folder;
  const auto where = (folder.path() / "store").string();
  const auto begin = Clock::now();
  {
    const auto store = store::open_store({.where = where});
    fill(*store);
  }
  const std::chrono::duration<double> filled = Clock::now() - begin;
  const auto store = store::open_store({.where = where});
  const std::uint64_t before = bytes_of(folder.path() / "store");
  store->compact();
  const std::uint64_t bytes = bytes_of(folder.path() / "store");

  const auto model = std::make_shared<serve::LiveModel>(
      "main", "", 1, serve_engine({.items = kItems}));
  serve::States states(kBudget, *store, {});
  Rng rng(/*seed=*/2);
  std::size_t most = 0;
  std::vector<double> taken;
  for (std::size_t i = 0; i < kAsked; ++i) {
    const auto start = Clock::now();
    const auto held =
        states.hold(model, "user" + std::to_string(rng.below(kUsers)));
    if (held->events != kEach) {
      throw Error(Code::kCorrupt,
                  "a user has " + std::to_string(held->events) + " events");
    }
    taken.push_back(
        std::chrono::duration<double, std::milli>(Clock::now() - start)
            .count());
    if (i % 100 == 0) most = std::max(most, states.counts().bytes);
  }
  std::ranges::sort(taken);
  std::printf(
      "1M users of 50 events: %s GiB on disk (%s before compaction), %s bytes "
      "an event; filled at %s events/s\n"
      "%s users asked: a cold state in %s ms (p50), %s ms (p99); at most %s of "
      "%s MiB of states\n",
      fixed(gib(static_cast<double>(bytes)), 3).c_str(),
      fixed(gib(static_cast<double>(before)), 3).c_str(),
      fixed(static_cast<double>(bytes) / (kUsers * kEach), 2).c_str(),
      grouped(static_cast<std::size_t>(kUsers * kEach / filled.count()))
          .c_str(),
      grouped(kAsked).c_str(), fixed(taken[taken.size() / 2], 3).c_str(),
      fixed(taken[taken.size() * 99 / 100], 3).c_str(),
      fixed(static_cast<double>(most) / (1 << 20), 1).c_str(),
      fixed(static_cast<double>(kBudget) / (1 << 20), 0).c_str());
  // Metarank: 0.8 GiB.
  return {{"value", fixed(gib(static_cast<double>(bytes)), 4)},
          {"ratio", fixed(0.8 / gib(static_cast<double>(bytes)), 2)},
          {"before_compaction", fixed(gib(static_cast<double>(before)), 4)},
          {"append", fixed(kUsers * kEach / filled.count(), 0)},
          {"cold_p50_ms", fixed(taken[taken.size() / 2], 4)},
          {"cold_p99_ms", fixed(taken[taken.size() * 99 / 100], 4)},
          {"states_mib", fixed(static_cast<double>(most) / (1 << 20), 2)},
          {"budget_mib", fixed(static_cast<double>(kBudget) / (1 << 20), 0)}};
}

}  // namespace

Bench serve_users_bench() {
  return {"serve/users", "a million users of 50 events: disk and memory", run};
}

}  // namespace ensue::apps
