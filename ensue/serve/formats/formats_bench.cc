// SPDX-License-Identifier: Apache-2.0
// Reading bodies as they arrive: 100 events each, on one core.
#include <benchmark/benchmark.h>

#include <string>

#include "ensue/serve/formats/format.h"

namespace ensue::serve {
namespace {

constexpr events::Millis kNow{1'712'145'600'000};

void read(benchmark::State& bench, std::string_view format,
          const std::string& body, std::size_t events) {
  const FormatEntry& entry = formats().find(format);
  for (auto _ : bench) {
    benchmark::DoNotOptimize(entry.parse(body, kNow));
  }
  const auto rounds = static_cast<double>(bench.iterations());
  bench.counters["events/s"] = benchmark::Counter(
      rounds * static_cast<double>(events), benchmark::Counter::kIsRate);
  bench.SetBytesProcessed(static_cast<std::int64_t>(rounds) *
                          static_cast<std::int64_t>(body.size()));
}

// User, item, action and time, nothing else.
void BM_OwnSmall(benchmark::State& bench) {
  std::string body;
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    body += "{\"user\":\"u10" + n + "\",\"item\":\"i20" + n +
            "\",\"action\":\"view\",\"time\":17121456000" +
            (i < 10 ? "0" + n : n) + "}\n";
  }
  read(bench, "events", body, 100);
}
BENCHMARK(BM_OwnSmall);

// What a shop's page sends: a date, ids that fill a UUID, some context.
void BM_OwnFull(benchmark::State& bench) {
  std::string body = "[";
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(100 + i);
    body += std::string(i > 0 ? "," : "") +
            "{\"user\":\"5f0e1c1a-0000-4000-8000-000000000" + n +
            "\",\"item\":\"i20" + n +
            "\",\"action\":\"purchase\",\"time\":\"2024-04-03T12:00:00.250Z\","
            "\"value\":19.99,\"session\":\"s-" +
            n + "\",\"event_id\":\"9b2d7c4e-0000-4000-8000-000000000" + n +
            "\",\"device\":\"phone\",\"quantity\":2,\"member\":true}";
  }
  read(bench, "events", body + "]", 100);
}
BENCHMARK(BM_OwnFull);

void BM_Ga4AddToCart(benchmark::State& bench) {
  std::string body;
  for (int i = 0; i < 100; ++i) {
    body +=
        R"({"event_name":"add_to_cart","event_timestamp":"1712145600000000",)"
        R"("user_pseudo_id":"u)" +
        std::to_string(i) +
        R"(","event_params":[{"key":"currency","value":{"string_value":"EUR"}},)"
        R"({"key":"ga_session_id","value":{"int_value":"17"}}],)"
        R"("items":[{"item_id":"SKU1","item_name":"Shirt","item_brand":"B",)"
        R"("item_category":"Clothes","price":10.5,"quantity":2}]})"
        "\n";
  }
  read(bench, "ga4", body, 100);
}
BENCHMARK(BM_Ga4AddToCart);

}  // namespace
}  // namespace ensue::serve
