// SPDX-License-Identifier: Apache-2.0
// One model with many heads, or a model for each question? Who purchases
// within 90 days, Online Retail II: rolling cuts, the last on 2011-06-01 for
// the test, one horizon before it the validation, earlier ones to learn from.
// A gru learns the label alone, beside the next item, or after it (all of the
// model, its head alone, adapters); table models on as-of features, and blends
// of both, stand beside. The next item is judged on all purchases behind the
// test's instant. Blends, calibration and epochs are chosen on the validation.
//
// Options: --seeds N, --cuts N, --width N, --epochs N.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue-bench/typed.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/features/defaults.h"
#include "ensue/judge/customer_features.h"
#include "ensue/judge/customer_labels.h"
#include "ensue/judge/evaluate.h"
#include "ensue/judge/instants.h"
#include "ensue/metrics/binary.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/table_model.h"
#include "ensue/train/asked_tables.h"
#include "ensue/train/candidates.h"
#include "ensue/train/customers_sequence.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

constexpr char kTest[] = "2011-06-01";
constexpr char kTask[] = "retention";

struct Typed {
  int seeds = 3, cuts = 8, width = 32, epochs = 10;
};

Typed parse(const BenchOptions& bench) {
  Typed out;
  read_typed(bench, {{"--seeds", &out.seeds},
                     {"--cuts", &out.cuts},
                     {"--width", &out.width},
                     {"--epochs", &out.epochs}});
  return out;
}

/// Customers asked at some instants.
struct Part {
  data::LabelTable labels;
  train::CandidateRows rows;
};

/// Sums over seeds.
struct Row {
  std::map<std::string, double> figures;
  int seeds = 0;
  double mean(const std::string& name) const {
    const auto found = figures.find(name);
    return found == figures.end() ? std::nan("") : found->second / seeds;
  }
};

class Trial {
 public:
  Trial(const events::Log& log, const Typed& typed, fs::path base)
      : log_(log),
        typed_(typed),
        base_(std::move(base)),
        task_(asked(log), features::names_of(log), log.item_names()),
        cuts_(judge::choose_cuts(log, task_.horizon_ms(),
                                 {.cuts = typed.cuts, .test_from = kTest})),
        definitions_(
            features::default_definitions(log, {.until = cuts_.validation})),
        train_(part(cuts_.train)),
        validation_(part({&cuts_.validation, 1})),
        test_(part({&cuts_.test, 1})),
        items_(judge::make_split(
            log, {.kind = "time",
                  .validation_from = judge::show_instant(cuts_.validation),
                  .test_from = kTest})) {}

  void run(int seed) {
    classic::TableFitOptions table;
    table.seed = static_cast<std::uint64_t>(seed);
    clear_sequence();
    train::Candidates tables(train_.rows, validation_.rows, test_.rows, table);
    for (const char* name : {"linear", "trees", "linear+trees"}) {
      judge_table(name, tables.fit(name));
    }
    heads("alone", {.learn = "alone"}, seed, table);
    heads("joint", {.learn = "joint"}, seed, table);
    pretrain(seed);
    for (const char* learn : {"all", "heads", "adapters"}) {
      heads(std::string("pre-trained, ") + learn,
            {.encoder = base_.string(), .learn = learn}, seed, table);
    }
    fs::remove(base_);
  }

  const std::vector<std::pair<std::string, Row>>& rows() const { return all_; }
  std::size_t customers() const { return test_.labels.size(); }
  std::size_t learnt() const { return train_.labels.size(); }

 private:
  static tasks::CustomerTaskOptions asked(const events::Log& log) {
    tasks::CustomerTaskOptions out;
    out.action = features::main_action(log);
    return out;
  }

  Part part(std::span<const events::Millis> instants) const {
    Part out{judge::labels_at(log_, task_, instants), {}};
    out.rows.features = {
        data::compute_features(log_, definitions_, out.labels.pairs),
        {train::classic_label(out.labels.kind), out.labels.values}};
    return out;
  }

  void clear_sequence() {
    for (Part* part : {&train_, &validation_, &test_}) part->rows.sequence = {};
  }

  train::SequenceOptions sequence(train::SequenceOptions options,
                                  int seed) const {
    options.sequence_width = typed_.width;
    options.sequence_epochs = typed_.epochs;
    options.sequence_seed = seed;
    return options;
  }

  void heads(const std::string& name, train::SequenceOptions options, int seed,
             const classic::TableFitOptions& table) {
    const auto begun = std::chrono::steady_clock::now();
    options = sequence(options, seed);
    const auto bytes = train::fit_sequence({.log = log_,
                                            .task = kTask,
                                            .until = cuts_.validation,
                                            .train = train_.labels,
                                            .validation = validation_.labels,
                                            .options = options});
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun)
            .count();
    const auto engine = std::make_shared<const runtime::Engine>(
        artifact::Artifact::from_bytes(bytes, name));
    const tasks::SequenceColumns columns(
        engine, kTask,
        {log_.item_names(), log_.action_names(), log_.context()});
    for (Part* part : {&train_, &validation_, &test_}) {
      part->rows.sequence =
          judge::sequence_table(log_, columns, part->labels.pairs);
    }
    train::Candidates candidates(train_.rows, validation_.rows, test_.rows,
                                 table);
    judge_table(name, candidates.fit("head"));
    Row& row = row_of(name);
    row.figures["seconds"] += seconds;
    if (name != "alone") row.figures["ndcg@10"] += next_item(name, engine);
    judge_table("  with linear+trees", name,
                candidates.fit("head+linear+trees"));
    judge_table("  embedding in trees", name,
                candidates.fit("linear+trees:embedding"));
  }

  // A model of the next item on what was known before the validation.
  void pretrain(int seed) {
    train::TrainOptions options;
    options.epochs = typed_.epochs;
    options.patience = 2;
    options.batch_tokens = 4096;
    options.seed = seed;
    const auto fitted =
        train::fit({.log = log_,
                    .split = items_,
                    .model = train::sequence_model(log_, sequence({}, seed)),
                    .options = options,
                    .folder = {}});
    fitted.draft.write(base_);
    Row& row = row_of("pre-trained");
    ++row.seeds;
    row.figures["seconds"] += fitted.seconds;
    row.figures["ndcg@10"] += next_item(
        "pre-trained",
        std::make_shared<const runtime::Engine>(
            artifact::Artifact::from_bytes(fitted.draft.bytes(), "base")));
  }

  double next_item(const std::string& name,
                   std::shared_ptr<const runtime::Engine> engine) const {
    const auto scorer = judge::engine_scorer(name, std::move(engine), log_);
    return judge::evaluate(log_, items_, items_.test, *scorer,
                           {.lists = false,
                            .logloss = false,
                            .slices = false,
                            .bootstrap = 1,
                            .target_actions = {"purchase"}})
        .metrics.at("ndcg@10")
        .mean;
  }

  void judge_table(const std::string& what, const std::string& of,
                   const artifact::Draft& draft) {
    judge_table(what + " (" + of + ")", draft);
  }
  void judge_table(const std::string& name, const artifact::Draft& draft) {
    const runtime::TableModel model(
        artifact::Artifact::from_bytes(draft.bytes(), name));
    Row& row = row_of(name);
    ++row.seeds;
    const auto add = [&](const std::string& prefix, const Part& part) {
      const auto said = model.predict(part.rows.all().rows);
      const auto& truth = part.labels.values;
      row.figures[prefix + "auc"] += metrics::auc(said, truth);
      row.figures[prefix + "ap"] += metrics::average_precision(said, truth);
      row.figures[prefix + "logloss"] += metrics::logloss_of(said, truth);
    };
    add("validation ", validation_);
    add("", test_);
  }

  Row& row_of(const std::string& name) {
    for (auto& [known, row] : all_) {
      if (known == name) return row;
    }
    all_.emplace_back(name, Row());
    return all_.back().second;
  }

  const events::Log& log_;
  Typed typed_;
  fs::path base_;
  tasks::CustomerLabel task_;
  judge::Cuts cuts_;
  std::vector<features::Definition> definitions_;
  Part train_, validation_, test_;
  judge::Split items_;
  std::vector<std::pair<std::string, Row>> all_;
};

// The row of least log-loss on validation.
const std::string& print(const Trial& trial) {
  const std::vector<std::string> names = {"validation logloss",
                                          "validation auc",
                                          "auc",
                                          "ap",
                                          "logloss",
                                          "ndcg@10",
                                          "seconds"};
  std::vector<std::string> header = {""};
  header.insert(header.end(), names.begin(), names.end());
  TextTable table(header);
  const std::string* best = nullptr;
  double least = 1e9;
  for (const auto& [name, row] : trial.rows()) {
    std::vector<std::string> cells = {name};
    for (const std::string& figure : names) {
      cells.push_back(fixed(row.mean(figure), figure == "seconds" ? 1 : 4));
    }
    table.add(cells);
    if (row.mean("validation logloss") < least) {
      least = row.mean("validation logloss");
      best = &name;
    }
  }
  std::printf("%s rows to learn from, %s customers in the test\n%s",
              grouped(trial.learnt()).c_str(),
              grouped(trial.customers()).c_str(), table.text().c_str());
  return *best;
}

// A name as a value of the last line: its words joined.
std::string one_word(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c != ' ') {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  return out;
}

BenchFigures run(const BenchOptions& bench) {
  const Typed typed = parse(bench);
  ProgressPrinter progress;
  const ScratchFolder scratch;
  const fs::path& work = scratch.path();
  const auto log = import_public_data(
      "heads", {"online-retail-II/online_retail_to_2011-08.csv.zst"},
      bench.data, work, progress.function());
  progress.finish();
  Trial trial(log, typed, work / "base");
  for (int seed = 1; seed <= typed.seeds; ++seed) {
    std::fprintf(stderr, "seed %d of %d\n", seed, typed.seeds);
    trial.run(seed);
  }
  const std::string best = print(trial);
  BenchFigures out;
  for (const auto& [name, row] : trial.rows()) {
    if (name == best) {
      out.emplace_back("auc", fixed(row.mean("auc"), 4));
      out.emplace_back("ap", fixed(row.mean("ap"), 4));
      out.emplace_back("logloss", fixed(row.mean("logloss"), 4));
    }
  }
  const std::map<std::string, std::string> keys = {
      {"linear+trees", "tables"},
      {"alone", "alone"},
      {"joint", "joint"},
      {"pre-trained, all", "full"},
      {"pre-trained, heads", "frozen"},
      {"pre-trained, adapters", "adapters"}};
  for (const auto& [name, row] : trial.rows()) {
    const auto key = keys.find(name);
    if (key == keys.end()) continue;
    out.emplace_back(key->second + ".auc", fixed(row.mean("auc"), 4));
    out.emplace_back(key->second + ".ap", fixed(row.mean("ap"), 4));
  }
  out.emplace_back("best", one_word(best));
  out.emplace_back("seeds", std::to_string(typed.seeds));
  return out;
}

}  // namespace

Bench customers_heads_bench() {
  return {"customers/heads",
          "label heads: alone, joint, fine-tuned, beside table models", run};
}

}  // namespace ensue::apps
