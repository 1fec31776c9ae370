// SPDX-License-Identifier: Apache-2.0
// How training grows: with the catalogue, and with the log.
//
// The user's situation: the shop's log in memory, a GRU over items and
// actions, sampled softmax, batches shuffled every epoch; nothing is judged in
// between. The logs are simulated, so that any size can be had. Both benchmarks
// compare our own runs with each other: other sizes, the same settings.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue/machine.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/threads.h"
#include "ensue/models/catalog.h"
#include "ensue/simulate/simulate.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

constexpr int kNegatives = 1024;  // shared by a batch
constexpr double kGoalGigabytes = 6;

struct Run {
  std::size_t items = 0;  // that occur in training
  double events = 0;      // learnt from in one epoch
  double epoch_seconds = 0;
  double simulated_gb = 0, trained_gb = 0;  // peak of the process, by then
  train::Profile profile;
  double events_per_second() const { return events / epoch_seconds; }
};

std::string number(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string whole(double value) {
  return grouped(static_cast<std::uint64_t>(value));
}

// About so many events; a shop with more items has the same customers.
events::Log simulated(double events, int items) {
  simulate::SimulateOptions options;
  options.users = static_cast<int>(events / 185);
  options.items = items;
  return simulate::simulate_log(simulate::Shop(options));
}

judge::Split for_training(const events::Log& log) {
  judge::SplitOptions protocol;
  protocol.kind = "leave-one-out";
  judge::Split out = judge::make_split(log, protocol);
  out.validation.clear();  // nothing is judged between epochs
  return out;
}

train::TrainOptions training() {
  train::TrainOptions out;
  out.loss = "sampled_softmax";
  out.negatives = kNegatives;
  out.batch_tokens = 8192;
  out.learning_rate = 1e-3;
  out.precision = "bf16";
  out.epochs = out.patience = 2;  // the first one warms the memory
  return out;
}

// The second epoch of a fresh model.
Run train_on(const events::Log& log, const ProgressFn& progress) {
  Run out;
  out.simulated_gb = peak_memory_gb();
  const judge::Split split = for_training(log);
  auto fitted =
      train::fit({.log = log,
                  .split = split,
                  .model = models::models().find("gru").build(JsonObject()),
                  .options = training(),
                  .folder = {},
                  .progress = progress});
  out.items = fitted.draft.description().items.size();
  out.events = static_cast<double>(split.train_events());
  out.epoch_seconds =
      fitted.curve[1].at("seconds") - fitted.curve[0].at("seconds");
  out.trained_gb = peak_memory_gb();
  out.profile = fitted.profile;
  return out;
}

std::vector<std::string> cells(const std::string& name, const Run& run) {
  return {name,
          whole(static_cast<double>(run.items)),
          whole(run.events),
          number(run.epoch_seconds, 1),
          whole(run.events_per_second()),
          number(run.trained_gb, 2)};
}

TextTable table_of_runs(const std::string& name) {
  return TextTable(
      {name, "items", "events", "epoch s", "events/s", "peak GB so far"});
}

// The wide one comes first: a process's peak never falls.
BenchFigures million_items(const BenchOptions&) {
  ProgressPrinter printer;
  const auto run = [&](int items) {
    return train_on(simulated(/*events=*/1e7, items), printer.function());
  };
  const Run wide = run(1'000'000), narrow = run(10'000);
  printer.finish();
  TextTable table = table_of_runs("train/million-items");
  table.add(cells("1,000,000 for sale", wide));
  table.add(cells("10,000 for sale", narrow));
  std::printf(
      "%s%d negatives a batch; peak of the process, %.2f GB of it while the "
      "log was simulated (goal %.0f)\n",
      table.text().c_str(), kNegatives, wide.simulated_gb, kGoalGigabytes);
  TextTable phases({"seconds", "1,000,000", "10,000"});
  for (std::size_t i = 0; i < train::kPhases.size(); ++i) {
    phases.add({std::string(train::kPhases[i]),
                number(wide.profile.seconds[i], 1),
                number(narrow.profile.seconds[i], 1)});
  }
  std::fputs(phases.text().c_str(), stdout);
  return {{"value", number(wide.epoch_seconds, 1)},
          {"ratio",
           number(narrow.events_per_second() / wide.events_per_second(), 2)},
          {"peak_gb", number(wide.trained_gb, 2)},
          {"simulated_peak_gb", number(wide.simulated_gb, 2)},
          {"items", std::to_string(wide.items)},
          {"tokens_per_second", number(wide.events_per_second(), 0)},
          {"narrow_tokens_per_second", number(narrow.events_per_second(), 0)},
          {"negatives", std::to_string(kNegatives)},
          {"threads", std::to_string(threads())}};
}

BenchFigures scaling(const BenchOptions&) {
  ProgressPrinter printer;
  TextTable table = table_of_runs("train/scaling");
  BenchFigures out;
  double slowest = 0, fastest = 0, longest = 0;
  for (const int millions : {1, 2, 5, 10, 20}) {
    const Run run = train_on(simulated(millions * 1e6, /*items=*/10'000),
                             printer.function());
    const double speed = run.events_per_second();
    const std::string name = std::to_string(millions) + "M";
    table.add(cells(name, run));
    out.emplace_back("tokens_per_second_" + name, number(speed, 0));
    slowest = slowest == 0 ? speed : std::min(slowest, speed);
    fastest = std::max(fastest, speed);
    longest = run.epoch_seconds;
  }
  printer.finish();
  std::fputs(table.text().c_str(), stdout);
  out.insert(out.begin(), {{"value", number(longest, 1)},
                           {"ratio", number(fastest / slowest, 2)}});
  out.emplace_back("threads", std::to_string(threads()));
  return out;
}

}  // namespace

Bench train_million_items_bench() {
  return {"train/million-items", "a million items against ten thousand",
          million_items};
}
Bench train_scaling_bench() {
  return {"train/scaling", "an epoch of 1 to 20 million events", scaling};
}

}  // namespace ensue::apps
