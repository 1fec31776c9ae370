// SPDX-License-Identifier: Apache-2.0
// What `ensue features` takes for a large shop: 20 million events of a million
// users on disk as a dataset, the default definitions as of its end, written as
// Parquet; and the most memory it took. It runs in a process of its own, with
// what maps the dataset, looks over it and fits the RFM scores in the time.
//
// Users are skewed (a Pareto tail: the most active have thousands of events),
// come in sessions of views, searches, carts and purchases, have two favourite
// categories; items are skewed, with categories and prices. A device stands
// beside each event.
//
// Options: --events N, --users N, --folder F, --threads N.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/child.h"
#include "apps/ensue-bench/typed.h"
#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/data/dataset.h"
#include "ensue/data/features.h"
#include "ensue/data/import.h"
#include "ensue/features/defaults.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr int kItems = 50'000, kCategories = 40, kDays = 730;

struct Options {
  std::uint64_t events = 20'000'000, users = 1'000'000;
  int threads = 2;
  fs::path folder = fs::temp_directory_path();
};

Options parse(const BenchOptions& bench) {
  Options out;
  read_typed(bench, {{"--events", &out.events},
                     {"--users", &out.users},
                     {"--threads", &out.threads},
                     {"--folder", &out.folder}});
  return out;
}

class File {
 public:
  File(const fs::path& path, const char* header)
      : path_(path), out_(std::fopen(path.c_str(), "w")) {
    if (out_ == nullptr) fail("cannot create");
    std::fputs(header, out_);
  }
  ~File() {
    if (out_ != nullptr) std::fclose(out_);
  }
  File(const File&) = delete;
  std::FILE* get() { return out_; }
  void close() {
    const bool bad = std::ferror(out_) != 0;
    if (std::fclose(std::exchange(out_, nullptr)) != 0 || bad) {
      fail("cannot write");
    }
  }

 private:
  [[noreturn]] void fail(const char* what) {
    throw Error(Code::kUnavailable, path_.string() + ": " + what);
  }
  fs::path path_;
  std::FILE* out_;
};

void write_items(const fs::path& path) {
  File file(path, "item,category,price\n");
  Rng rng(2);
  for (int i = 0; i < kItems; ++i) {
    std::fprintf(file.get(), "i%05d,c%02d,%.2f\n", i, i % kCategories,
                 std::exp(2 + 1.1 * rng.normal()));
  }
  file.close();
}

// Item i of a category is met about 1/i times as often as its first.
int draw_item(Rng& rng, int category) {
  constexpr double kEach = double{kItems} / kCategories;
  const int rank = static_cast<int>(std::pow(kEach, rng.uniform())) - 1;
  return std::min(rank * kCategories + category, kItems - 1);
}

// One visit: a search now and then, views, carts and purchases behind them.
std::uint64_t write_session(std::FILE* out, Rng& rng, std::uint64_t user,
                            const int (&taste)[2], std::int64_t time) {
  static constexpr const char* kDevices[] = {"phone", "phone", "desk",
                                             "tablet"};
  const char* device = kDevices[rng.below(4)];
  std::uint64_t written = 0;
  const auto put = [&](const char* item, const char* action, double value) {
    std::fprintf(out, "u%07llu,%s,%lld,%s,%.4g,%s\n",
                 static_cast<unsigned long long>(user), item,
                 static_cast<long long>(time), action, value, device);
    time += static_cast<std::int64_t>(rng.exponential() * 60);
    ++written;
  };
  if (rng.chance(0.2)) put("", "search", 0);
  const auto views = 1 + static_cast<int>(rng.exponential() * 2.5);
  for (int v = 0; v < views; ++v) {
    const int category = rng.chance(0.7)
                             ? taste[rng.below(2)]
                             : static_cast<int>(rng.below(kCategories));
    char item[16];
    std::snprintf(item, sizeof item, "i%05d", draw_item(rng, category));
    put(item, "view", 0);
    if (!rng.chance(0.25)) continue;
    put(item, "cart", 0);
    if (!rng.chance(0.4)) continue;
    const double paid = std::exp(2 + rng.normal());
    put(item, "purchase", paid);
    if (rng.chance(0.05)) put(item, "return", paid);
  }
  return written;
}

void write_events(const fs::path& path, const Options& options) {
  File file(path, "user,item,time,action,value,device\n");
  const double mean =
      static_cast<double>(options.events) / static_cast<double>(options.users);
  for (std::uint64_t u = 0; u < options.users; ++u) {
    Rng rng(1, u);
    const int taste[2] = {static_cast<int>(rng.below(kCategories)),
                          static_cast<int>(rng.below(kCategories))};
    // Pareto with shape 1.6 has mean 1.6 / 0.6; a user has a session at least.
    const double want = std::min(
        5000.0, mean * 0.6 / 1.6 * 0.93 * std::pow(1 - rng.uniform(), -0.625));
    const double start = rng.uniform() * kDays * 0.9;
    for (double n = 0; n < want;) {
      const double day = start + (kDays - start) * rng.uniform();
      n += static_cast<double>(write_session(
          file.get(), rng, u, taste,
          1'600'000'000 + static_cast<std::int64_t>(day * 86400)));
    }
  }
  file.close();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

void import_shop(const fs::path& folder) {
  data::ImportRequest request;
  request.source.files = {(folder / "events.csv").string()};
  request.source.items = (folder / "items.csv").string();
  request.source.dataset = (folder / "dataset").string();
  request.columns.user = "user";
  request.columns.item = "item";
  request.columns.time = "time";
  request.columns.action = "action";
  request.columns.value = "value";
  request.columns.context = {"device"};
  request.clean.bot_actions_per_hour = 0;
  request.clean.duplicates = false;
  data::import_log(request);
}

events::Millis end_of(const events::Log& log) {
  const auto times = log.columns().times;
  return events::Millis{count(*std::max_element(times.begin(), times.end())) +
                        1};
}

void write_all(const fs::path& folder) {
  const auto log = data::Dataset::open(folder / "dataset").log();
  const events::Millis end = end_of(log);
  const auto definitions = features::default_definitions(log, {.until = end});
  data::write_features(folder / "features.parquet", log, definitions,
                       data::everyone_at(log, end));
}

BenchFigures run(const BenchOptions& bench) {
  const Options options = parse(bench);
  set_threads(options.threads);
  const fs::path folder = options.folder / ("ensue-customers-features-" +
                                            std::to_string(::getpid()));
  fs::create_directories(folder);
  const struct Remove {
    const fs::path& folder;
    ~Remove() { fs::remove_all(folder); }
  } remove{folder};
  write_items(folder / "items.csv");
  write_events(folder / "events.csv", options);
  in_child([&] { import_shop(folder); });
  fs::remove(folder / "events.csv");
  const Cost cache =
      in_child([&] { data::Dataset::open(folder / "dataset").log(); });
  const Cost cost = in_child([&] { write_all(folder); });

  const auto log = data::Dataset::open(folder / "dataset").log();
  const auto columns =
      features::default_definitions(log, {.until = end_of(log)}).size();
  const double megabytes =
      1e-6 * static_cast<double>(fs::file_size(folder / "features.parquet"));
  std::printf("%-28s %12s %10s %10s %10s %10s\n", "events", "users", "features",
              "seconds", "peak GB", "file MB");
  std::printf("%-28zu %12zu %10zu %10.2f %10.2f %10.1f\n", log.size(),
              log.users(), columns, cost.seconds, cost.peak_gb, megabytes);
  return {{"seconds", number(cost.seconds)},
          {"peak_gb", number(cost.peak_gb)},
          {"cpu_seconds", number(cost.cpu_seconds)},
          {"cache_seconds", number(cache.seconds)},
          {"events", std::to_string(log.size())},
          {"users", std::to_string(log.users())},
          {"features", std::to_string(columns)},
          {"threads", std::to_string(threads())}};
}

}  // namespace

Bench customers_features_bench() {
  return {"customers/features",
          "as-of features of a million users with 20 million events", run};
}

}  // namespace ensue::apps
