// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "ensue/base/rng.h"
#include "ensue/store/internal/seams.h"
#include "ensue/store/rocks_store.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

constexpr events::Millis kNow{1'700'000'000'000};

struct Shop {
  TestFolder folder;
  std::shared_ptr<Seams> seams = std::make_shared<Seams>();
  std::unique_ptr<EventStore> store;

  explicit Shop(Sync sync, std::size_t cache = std::size_t{256} << 20) {
    store = open_rocks(folder.path(),
                       {.sync = sync, .cache_bytes = cache, .seams = seams});
  }
};

// A minimal event: popular items are seen more often (density falls as 1 / x).
Event random_event(Rng& rng, std::size_t users, std::size_t items,
                   std::int64_t time) {
  Event event;
  event.user = "u" + std::to_string(rng.below(users));
  event.item = "item" + std::to_string(static_cast<std::size_t>(std::pow(
                            static_cast<double>(items), rng.uniform())));
  event.action = rng.chance(0.1) ? "cart" : "view";
  event.time = events::Millis{time};
  return event;
}

// What clients send: 100 events of many users in one call, from two threads.
void BM_Append(benchmark::State& bench) {
  static std::unique_ptr<Shop> shop;
  if (bench.thread_index() == 0) {
    shop = std::make_unique<Shop>(bench.range(0) == 0 ? Sync::kEverySec
                                                      : Sync::kAlways);
  }
  Rng rng(1, static_cast<std::uint64_t>(bench.thread_index()));
  std::int64_t time = events::count(kNow);
  for (auto _ : bench) {
    bench.PauseTiming();
    std::vector<Event> batch;
    for (int i = 0; i < 100; ++i) {
      batch.push_back(random_event(rng, 1'000'000, 100'000, ++time));
      if (bench.range(1) != 0) batch.back().event_id = std::to_string(rng());
    }
    bench.ResumeTiming();
    benchmark::DoNotOptimize(shop->store->append(batch, kNow));
  }
  bench.counters["events/s"] =
      benchmark::Counter(static_cast<double>(bench.iterations()) * 100,
                         benchmark::Counter::kIsRate);
  if (bench.thread_index() == 0) shop.reset();
}
BENCHMARK(BM_Append)
    ->ArgNames({"always", "ids"})
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->Threads(2)
    ->UseRealTime();

// A million users come and go in time; every user ends with 50 events.
std::unique_ptr<Shop> filled(std::size_t users, std::size_t items) {
  auto shop = std::make_unique<Shop>(Sync::kEverySec);
  Rng rng(2);
  std::int64_t time = events::count(kNow);
  std::vector<Event> batch;
  for (std::size_t i = 0; i < users * 50; ++i) {
    // 100 days of events at random moments, to the millisecond.
    time +=
        static_cast<std::int64_t>(rng.exponential() * 100.0 * events::kDayMs /
                                  (static_cast<double>(users) * 50));
    batch.push_back(random_event(rng, users, items, time));
    batch.back().user = "u" + std::to_string(i % users);
    if (batch.size() == 1000) {
      shop->store->append(batch, kNow);
      batch.clear();
    }
  }
  shop->store->append(batch, kNow);
  return shop;
}

// A user whose state is not in memory asks; 50 events, compacted or not.
void BM_User(benchmark::State& bench) {
  const auto users = static_cast<std::size_t>(bench.range(0));
  const auto shop = filled(users, static_cast<std::size_t>(bench.range(1)));
  if (bench.range(2) != 0) shop->seams->compact();
  Rng rng(3);
  std::vector<double> seconds;
  std::size_t events = 0;
  for (auto _ : bench) {
    const std::string name = "u" + std::to_string(rng.below(users));
    const auto begin = std::chrono::steady_clock::now();
    events += shop->store->user(name).events.size();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::ranges::sort(seconds);
  bench.counters["p50_us"] = seconds[seconds.size() / 2] * 1e6;
  bench.counters["p99_us"] = seconds[seconds.size() * 99 / 100] * 1e6;
  bench.counters["events"] =
      static_cast<double>(events) / static_cast<double>(bench.iterations());
  bench.counters["bytes/user"] =
      static_cast<double>(shop->store->size().bytes) /
      static_cast<double>(users);
}
BENCHMARK(BM_User)
    ->ArgNames({"users", "items", "compacted"})
    ->Args({100'000, 10'000, 0})
    ->Args({100'000, 10'000, 1})
    ->Args({1'000'000, 1'000'000, 1})
    ->Iterations(100'000);

}  // namespace
}  // namespace ensue::store
