// SPDX-License-Identifier: Apache-2.0
// Half an hour of mixed load on one server: does its memory stay flat, do its
// slow answers stay as fast, does anything fail?
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/serve_model.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUsers = 10'000, kEach = 20, kItems = 100'000;

/// What one minute showed.
struct Minute {
  LoadResult load;
  double resident_mb = 0, store_mb = 0;
};

int minutes_of(const BenchOptions& options) {
  if (options.extra.empty()) return 30;
  if (options.extra.size() == 2 && options.extra[0] == "--minutes") {
    const int minutes = std::atoi(options.extra[1].c_str());
    if (minutes > 1) return minutes;
  }
  invalid("serve/soak: expected --minutes N, at least 2");
}

double megabytes(std::size_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

std::size_t bytes_in(const fs::path& folder) {
  std::size_t out = 0;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    std::error_code gone;  // the store drops files while it is read
    const auto size = fs::file_size(file.path(), gone);
    if (!gone) out += size;
  }
  return out;
}

Minute one_minute(const LiveServer& server, const fs::path& folder) {
  Minute out;
  out.load = run_wrk(server.base(),
                     {.connections = 16,
                      .seconds = 60,
                      .script = mixed_script(kUsers, kItems)},
                     folder);
  out.resident_mb = megabytes(server.resident());
  out.store_mb = megabytes(bytes_in(folder / "store"));
  return out;
}

/// What comes seldom, from a thread of its own, as wrk would count a slow one
/// among the answers: every second an explanation and a change of an item,
/// every other one the metrics and an erasure of a user, no one twice and none
/// of the first 100.
class Seldom {
 public:
  explicit Seldom(const LiveServer& server)
      : thread_([this, &server](const std::stop_token& stop) {
          for (std::size_t i = 0; !stop.stop_requested(); ++i) {
            once(server, i);
            std::this_thread::sleep_for(std::chrono::seconds(1));
          }
        }) {}

  /// Ends it. Requests, and those that did not bring what they should.
  std::pair<std::size_t, std::size_t> end() {
    thread_.request_stop();
    thread_.join();
    return {requests_, failures_};
  }

 private:
  void expect(const std::string& answer, std::string_view words) {
    ++requests_;
    if (answer.find(words) != std::string::npos) return;
    ++failures_;
    std::printf("expected %s: %s\n", std::string(words).c_str(),
                answer.substr(0, 300).c_str());
  }
  void once(const LiveServer& server, std::size_t i) {
    const std::string item = "item" + std::to_string(i * 7919 % kItems);
    expect(server.ask("/v1/explain", R"({"user":"u)" + std::to_string(i % 100) +
                                         R"(","item":")" + item + "\"}"),
           "effects");
    expect(server.ask("/v1/items", R"({"item":")" + item + R"(","stock":3})"),
           item);
    if (i % 2 != 0) return;
    expect(server.ask("/metrics"), "ensue_events_total");
    expect(server.erase("/v1/users/u" + std::to_string(100 + i / 2)),
           "\"erased\":true");
  }

  std::size_t requests_ = 0, failures_ = 0;  // of the thread until it ended
  std::jthread thread_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Medians of the first and of the second half of the minutes.
template <typename Of>
std::pair<double, double> halves(const std::vector<Minute>& minutes, Of of) {
  std::vector<double> first, second;
  for (std::size_t i = 0; i < minutes.size(); ++i) {
    (i < minutes.size() / 2 ? first : second).push_back(of(minutes[i]));
  }
  return {median(first), median(second)};
}

BenchFigures figures_of(const std::vector<Minute>& minutes,
                        std::size_t requests, std::size_t failures) {
  const auto p99 = halves(minutes, [](auto& m) { return m.load.p99_ms; });
  const auto resident = halves(minutes, [](auto& m) { return m.resident_mb; });
  const auto store = halves(minutes, [](auto& m) { return m.store_mb; });
  for (const auto& minute : minutes) {
    failures += minute.load.failures;
    requests += minute.load.requests;
  }
  return {{"value", fixed(p99.second / p99.first, 3)},
          {"p99_first_half_ms", fixed(p99.first, 2)},
          {"p99_second_half_ms", fixed(p99.second, 2)},
          {"resident_first_half_mb", fixed(resident.first, 0)},
          {"resident_second_half_mb", fixed(resident.second, 0)},
          {"store_first_half_mb", fixed(store.first, 0)},
          {"store_second_half_mb", fixed(store.second, 0)},
          {"requests", std::to_string(requests)},
          {"failures", std::to_string(failures)},
          {"minutes", std::to_string(minutes.size())}};
}

BenchFigures run_soak(const BenchOptions& options) {
  const int minutes = minutes_of(options);
  const ScratchFolder folder;
  serve_draft({.items = kItems}).write(folder.path() / "model.safetensors");
  write_events(folder.path() / "events.jsonl", kUsers, kEach, kItems);
  const LiveServer server(
      folder.path(), {"--model", "model.safetensors", "--state-memory", "64MB",
                      "--events-per-user", "200", "--answer-days", "1",
                      "--max-batch", std::to_string(kUsers * kEach)});
  server.post_file("/v1/events", folder.path() / "events.jsonl");
  Seldom seldom(server);
  std::vector<Minute> seen;
  for (int minute = 1; minute <= minutes; ++minute) {
    seen.push_back(one_minute(server, folder.path()));
    std::printf(
        "minute %d: %s requests/s, p99 %s ms, %zu failed, %s MB "
        "resident, %s MB stored\n",
        minute, fixed(seen.back().load.per_second, 0).c_str(),
        fixed(seen.back().load.p99_ms, 2).c_str(), seen.back().load.failures,
        fixed(seen.back().resident_mb, 0).c_str(),
        fixed(seen.back().store_mb, 0).c_str());
    std::fflush(stdout);
  }
  const auto [requests, failures] = seldom.end();
  return figures_of(seen, requests, failures);
}

}  // namespace

Bench serve_soak_bench() {
  return {"serve/soak", "30 minutes of mixed load: memory, p99, failures",
          run_soak};
}

}  // namespace ensue::apps
