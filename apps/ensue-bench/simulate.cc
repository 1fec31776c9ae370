// SPDX-License-Identifier: Apache-2.0
// The time from options to a folder with a million events on the disk, fsync
// included: what somebody waits for who types `ensue simulate`.
#include "ensue/simulate/simulate.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "ensue/base/threads.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

BenchFigures run(const BenchOptions&) {
  simulate::SimulateOptions options;
  options.users = 5500;
  const fs::path folder = fs::temp_directory_path() /
                          ("ensue-simulate-" + std::to_string(::getpid()));
  const auto start = std::chrono::steady_clock::now();
  const simulate::Shop shop(options);
  const auto written = simulate::write_shop(shop, folder);
  const double wrote = seconds_since(start);
  fs::remove_all(folder);

  const auto again = std::chrono::steady_clock::now();
  const auto log = simulate::simulate_log(shop);
  const double in_memory = seconds_since(again);
  std::printf("%-24s %12s %10s %12s\n", "simulate", "events", "seconds",
              "events/s");
  const auto row = [](const char* name, double events, double seconds) {
    std::printf("%-24s %12.0f %10.2f %12.0f\n", name, events, seconds,
                events / seconds);
  };
  row("folder of CSV files", static_cast<double>(written.events), wrote);
  row("log in memory", static_cast<double>(log.size()), in_memory);
  return {{"events", std::to_string(written.events)},
          {"seconds", number(wrote)},
          {"megabytes", number(static_cast<double>(written.bytes) / 1e6)},
          {"memory_seconds", number(in_memory)},
          {"threads", std::to_string(threads())}};
}

}  // namespace

Bench simulate_bench() {
  return {"simulate", "a million events simulated and written", run};
}

}  // namespace ensue::apps
