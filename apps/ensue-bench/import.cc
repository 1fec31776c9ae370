// SPDX-License-Identifier: Apache-2.0
// The time from a CSV of ten million events with string ids (337 MB: user,
// item, action, time; a million users, skewed items, rising times) to a
// dataset on the disk, cleaned, sorted, with ids, checksums and fsync; and the
// most memory it took. The import runs in a process of its own.
//
// Options: --rows N; --memory 1GB (with more rows than fit, it spills);
// --folder F (where the files go, default the temporary folder).
#include "ensue/data/import.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/child.h"
#include "apps/ensue-bench/typed.h"
#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/data/dataset.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr int kUsers = 1'000'000, kItems = 100'000;

struct Options {
  std::uint64_t rows = 10'000'000;
  std::string memory;
  fs::path folder = fs::temp_directory_path();
};

Options parse(const BenchOptions& bench) {
  Options out;
  read_typed(bench, {{"--rows", &out.rows},
                     {"--memory", &out.memory},
                     {"--folder", &out.folder}});
  return out;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

// Item i is met about 1/i times as often as item 1.
void write_csv(const fs::path& path, std::uint64_t rows) {
  constexpr const char* kActions[] = {"view",     "view",     "view", "view",
                                      "view",     "view",     "cart", "cart",
                                      "purchase", "favourite"};
  std::FILE* out = std::fopen(path.c_str(), "w");
  if (out == nullptr) {
    throw Error(Code::kUnavailable, path.string() + ": cannot create");
  }
  Rng rng(1);
  double time = 1'700'000'000;
  std::fputs("user,item,action,time\n", out);
  for (std::uint64_t i = 0; i < rows; ++i) {
    time += 0.5 * rng.exponential();
    const auto item =
        static_cast<int>(std::pow(double{kItems}, rng.uniform())) - 1;
    std::fprintf(out, "u%07d,i%06d,%s,%lld\n",
                 static_cast<int>(rng.below(kUsers)), item,
                 kActions[rng.below(10)], static_cast<long long>(time));
  }
  const bool bad = std::ferror(out) != 0;
  if (std::fclose(out) != 0 || bad) {
    throw Error(Code::kUnavailable, path.string() + ": cannot write");
  }
}

void print_table(const Options& options, double megabytes, const Cost& cost) {
  std::printf("%-34s %10s %10s %10s\n", "10M events, 337 MB of CSV", "seconds",
              "peak GB", "cores");
  std::printf("%-34s %10s %10s %10s\n", "pandas (measured elsewhere)", "16.8",
              "2.55", "1");
  std::printf("%-34s %10s %10s %10s\n", "DuckDB, sort only (elsewhere)", "3.6",
              "1.46", "2");
  const std::string name = "ensue, " + number(1e-6 * double(options.rows)) +
                           "M events, " + number(megabytes) + " MB";
  std::printf("%-34s %10.2f %10.2f %10d\n", name.c_str(), cost.seconds,
              cost.peak_gb, threads());
}

BenchFigures run(const BenchOptions& bench) {
  const Options options = parse(bench);
  const fs::path folder =
      options.folder / ("ensue-import-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const struct Remove {
    const fs::path& folder;
    ~Remove() { fs::remove_all(folder); }
  } remove{folder};
  write_csv(folder / "events.csv", options.rows);
  const double megabytes =
      1e-6 * static_cast<double>(fs::file_size(folder / "events.csv"));

  data::ImportRequest request;
  request.source.files = {(folder / "events.csv").string()};
  request.source.dataset = (folder / "dataset").string();
  request.source.memory = options.memory;
  request.columns.user = "user";
  request.columns.item = "item";
  request.columns.action = "action";
  request.columns.time = "time";
  const Cost cost = in_child([&] { data::import_log(request); });
  print_table(options, megabytes, cost);

  const auto start = std::chrono::steady_clock::now();
  const auto log = data::Dataset::open(folder / "dataset").log();
  const double first = seconds_since(start);
  return {{"seconds", number(cost.seconds)},
          {"peak_gb", number(cost.peak_gb)},
          {"cpu_seconds", number(cost.cpu_seconds)},
          {"megabytes", number(megabytes)},
          {"events", std::to_string(log.size())},
          {"users", std::to_string(log.users())},
          {"cache_seconds", number(first)},
          {"threads", std::to_string(threads())}};
}

}  // namespace

Bench import_bench() {
  return {"import", "10 million events from CSV to a dataset; time and memory",
          run};
}

}  // namespace ensue::apps
