// SPDX-License-Identifier: Apache-2.0
// A server over HTTP as a shop meets it: users whose events are stored, answers
// kept with what they showed, wrk on the same cores.
#include <algorithm>
#include <cstdio>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/serve_model.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kUsers = 10'000, kEach = 20, kItems = 100'000;

void expect_clean(const char* what, const LoadResult& result) {
  if (result.failures == 0) return;
  throw Error(Code::kUnavailable, std::string(what) + ": " +
                                      std::to_string(result.failures) + " of " +
                                      std::to_string(result.requests) +
                                      " requests failed");
}

BenchFigures run_http(const BenchOptions&) {
  const ScratchFolder folder;
  serve_draft({.items = kItems}).write(folder.path() / "model.safetensors");
  write_events(folder.path() / "events.jsonl", kUsers, kEach, kItems);
  const LiveServer server(folder.path(),
                          {"--model", "model.safetensors", "--max-batch",
                           std::to_string(kUsers * kEach)});
  server.post_file("/v1/events", folder.path() / "events.jsonl");
  const auto load = [&](const char* what, const std::string& script,
                        int connections, int seconds) {
    const auto out = run_wrk(
        server.base(),
        {.connections = connections, .seconds = seconds, .script = script},
        folder.path());
    expect_clean(what, out);
    return out;
  };
  load("warm", ask_script(kUsers), 16, 3);
  const auto ask = load("ask", ask_script(kUsers), 16, 10);
  const auto click = load("click", click_script(kUsers, kItems), 16, 10);
  // As many connections as give a little over 4,000 requests per second.
  const auto paced = load("paced", ask_script(kUsers, /*pause_ms=*/20), 96, 10);

  TextTable table({"100k items, d 64, 2 layers", "requests/s", "p50 ms",
                   "p90 ms", "p99 ms"});
  const auto row = [&](const char* what, const LoadResult& r) {
    table.add({what, fixed(r.per_second, 0), fixed(r.p50_ms, 2),
               fixed(r.p90_ms, 2), fixed(r.p99_ms, 2)});
  };
  row("recommend, as fast as it goes", ask);
  row("an event, then recommend", click);
  row("recommend, paced", paced);
  std::fputs(table.text().c_str(), stdout);
  // Serenade: about 500 requests per second and core.
  return {{"value", fixed(ask.per_second, 0)},
          {"ratio", fixed(ask.per_second / (2 * 500), 1)},
          {"p99_ms", fixed(ask.p99_ms, 2)},
          {"click", fixed(click.per_second, 0)},
          {"click_p99_ms", fixed(click.p99_ms, 2)},
          {"paced", fixed(paced.per_second, 0)},
          {"paced_p99_ms", fixed(paced.p99_ms, 2)},
          {"resident_mb",
           fixed(static_cast<double>(server.resident()) / (1 << 20), 0)}};
}

BenchFigures run_ingest(const BenchOptions&) {
  const ScratchFolder folder;
  serve_draft({.items = 10'000}).write(folder.path() / "model.safetensors");
  constexpr std::size_t kBatch = 100;
  TextTable table({"sync", "events/s", "p99 ms of 100 events"});
  BenchFigures out;
  for (const char* sync : {"everysec", "always"}) {
    const LiveServer server(folder.path(),
                            {"--model", "model.safetensors", "--sync", sync,
                             "--store", std::string("store-") + sync});
    const auto result =
        run_wrk(server.base(),
                {.connections = 16,
                 .seconds = 15,
                 .script = ingest_script(100'000, 10'000, kBatch)},
                folder.path());
    expect_clean(sync, result);
    const double events = result.per_second * static_cast<double>(kBatch);
    table.add({sync, grouped(static_cast<std::size_t>(events)),
               fixed(result.p99_ms, 2)});
    out.emplace_back(sync, fixed(events, 0));
    out.emplace_back(std::string(sync) + "_p99_ms", fixed(result.p99_ms, 2));
  }
  std::fputs(table.text().c_str(), stdout);
  return out;
}

BenchFigures run_start(const BenchOptions&) {
  const ScratchFolder folder;
  serve_draft({.items = 1'000'000}).write(folder.path() / "model.safetensors");
  std::vector<double> taken;
  std::size_t resident = 0;
  for (int i = 0; i < 5; ++i) {
    const LiveServer server(folder.path(), {"--model", "model.safetensors"});
    taken.push_back(server.start_seconds());
    resident = server.resident();
  }
  std::ranges::sort(taken);
  // The slowest is the first: its file has just been written.
  std::printf(
      "1M items, d 64: start to first answer %s s (median of 5), %s s the "
      "slowest; %s MB resident\n",
      fixed(taken[2], 2).c_str(), fixed(taken[4], 2).c_str(),
      fixed(static_cast<double>(resident) / (1 << 20), 0).c_str());
  return {{"value", fixed(taken[2], 3)},
          {"slowest", fixed(taken[4], 3)},
          {"resident_mb", fixed(static_cast<double>(resident) / (1 << 20), 0)}};
}

}  // namespace

Bench serve_http_bench() {
  return {"serve/http", "answers over HTTP, wrk on the same cores", run_http};
}

Bench serve_ingest_bench() {
  return {"serve/ingest", "events over HTTP in batches of 100", run_ingest};
}

Bench serve_start_bench() {
  return {"serve/start", "start to first answer with a million items",
          run_start};
}

}  // namespace ensue::apps
