// SPDX-License-Identifier: Apache-2.0
// Does pre-training on the events of all customers help to predict purchases
// when only a tenth of the customers have labels? Online Retail II by time, the
// gru of configs/online-retail; every model is judged on the same purchases of
// all customers. Seeds draw both the labelled customers and the weights.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue-bench/quality_options.h"
#include "apps/ensue/terminal.h"
#include "ensue/judge/evaluate.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

constexpr char kMetric[] = "ndcg@10";

class Trial {
 public:
  Trial(const events::Log& log, int repeats, std::filesystem::path base)
      : log_(log),
        split_(judge::make_split(log, {})),
        model_(models::models().find("gru").build({{"hidden", JsonArray{128}},
                                                   {"dropout", 0.3},
                                                   {"repeats", repeats}})),
        base_(std::move(base)) {}

  void run(int seed) {
    add("all labels", recipe(seed), false);
    train::TrainOptions tenth = recipe(seed);
    tenth.label_share = 0.1;
    add("a tenth of the labels", tenth, false);
    train::TrainOptions everything = recipe(seed);
    everything.target_actions = {};
    add("pre-trained on all events", everything, true);
    tenth.from = base_.string();
    add("… then all of it on a tenth", tenth, false);
    tenth.learn = "heads";
    add("… then its head on a tenth", tenth, false);
    tenth.learn = "adapters";
    add("… then adapters on a tenth", tenth, false);
    std::filesystem::remove(base_);
  }

  struct Row {
    std::vector<double> figures;  // per seed
    std::vector<judge::Evaluation> judged;
    double seconds = 0;
  };
  const std::vector<std::pair<std::string, Row>>& rows() const { return rows_; }

 private:
  static train::TrainOptions recipe(int seed) {
    train::TrainOptions out;
    out.max_length = 500;
    out.patience = 4;
    out.seed = seed;
    out.target_actions = {"purchase"};
    return out;
  }

  void add(const std::string& name, const train::TrainOptions& options,
           bool keep) {
    ProgressPrinter printer;
    const auto fitted = train::fit({.log = log_,
                                    .split = split_,
                                    .model = model_,
                                    .options = options,
                                    .folder = {},
                                    .progress = printer.function()});
    if (keep) fitted.draft.write(base_);
    const auto engine = std::make_shared<const runtime::Engine>(
        artifact::Artifact::from_bytes(fitted.draft.bytes(), name));
    Row& row = row_of(name);
    row.judged.push_back(judge::evaluate(
        log_, split_, split_.test, *judge::engine_scorer(name, engine, log_),
        {.lists = false, .slices = false, .target_actions = {"purchase"}}));
    row.figures.push_back(row.judged.back().metrics.at(kMetric).mean);
    row.seconds += fitted.seconds;
  }

  Row& row_of(const std::string& name) {
    for (auto& [known, row] : rows_) {
      if (known == name) return row;
    }
    rows_.emplace_back(name, Row());
    return rows_.back().second;
  }

  const events::Log& log_;
  judge::Split split_;
  artifact::ModelSpec model_;
  std::filesystem::path base_;
  std::vector<std::pair<std::string, Row>> rows_;
};

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// One table, and its figures as "<key><row>.<metric>".
void print(const Trial& trial, const std::string& title, const std::string& key,
           int seeds, BenchFigures& out) {
  const Trial::Row& scratch = trial.rows()[1].second;
  TextTable table(
      {title, kMetric, "- a tenth from scratch, first seed", "train s"});
  const std::vector<std::string> keys = {"all",  "tenth", "pretrained",
                                         "full", "head",  "adapters"};
  for (std::size_t i = 0; i < trial.rows().size(); ++i) {
    const auto& [name, row] = trial.rows()[i];
    const auto difference =
        judge::compare(row.judged[0], scratch.judged[0], kMetric).difference;
    table.add({name, fixed(mean(row.figures), 4),
               fixed(difference.mean, 4) + " [" + fixed(difference.low, 4) +
                   ", " + fixed(difference.high, 4) + "]",
               fixed(row.seconds / seeds, 1)});
    out.emplace_back(key + keys[i] + "." + kMetric,
                     fixed(mean(row.figures), 4));
  }
  std::fputs(table.text().c_str(), stdout);
}

BenchFigures run(const BenchOptions& options) {
  const QualityOptions typed = parse_quality_options(options.extra);
  const int seeds = typed.seeds > 0 ? typed.seeds : 3;
  const events::Log log =
      import_public_data("pretrain/online-retail",
                         {"online-retail-II/online_retail_to_2011-08.csv.zst"},
                         options.data, typed.work, {});
  const auto base = std::filesystem::temp_directory_path() /
                    ("ensue-pretrain-" + std::to_string(::getpid()));
  BenchFigures out;
  for (const int repeats : {500, 0}) {
    Trial trial(log, repeats, base);
    for (int seed = 1; seed <= seeds; ++seed) trial.run(seed);
    print(trial,
          repeats > 0 ? "looking back at own purchases"
                      : "from the sequence alone",
          repeats > 0 ? "" : "sequence.", seeds, out);
  }
  out.emplace_back("seeds", std::to_string(seeds));
  return out;
}

}  // namespace

Bench quality_pretrain_bench() {
  return {"quality/pretrain", "a tenth of the labels, with pre-training", run};
}

}  // namespace ensue::apps
