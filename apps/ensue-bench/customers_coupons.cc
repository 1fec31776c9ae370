// SPDX-License-Identifier: Apache-2.0
// Who answers a campaign with a coupon? Dunnhumby's Complete Journey: one row
// per household and campaign, asked as of the midnight when the campaign
// begins; purchases, redemptions and letters strictly before it are what is
// known. The last quarter of rows (campaigns from 2017-10-18 on) judges; the
// campaign of 2017-08-08 chooses settings, model and calibration; what is
// learnt from was known before that day. Campaigns that end after the records
// do are left out. Of the purchases the sample has one in twenty.
//
// Options: --seeds N.
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/coupons.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/judge/customer_features.h"
#include "ensue/judge/instants.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/intervals.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/train/label_task.h"

namespace ensue::apps {
namespace {

constexpr double kTestShare = 0.25;
constexpr int kReplicates = 1000;

struct Setting {
  std::string name;
  double l2 = 1;
  int depth = 4;
};

// The first is what `ensue train --task.label` does when nothing is said.
const std::vector<Setting> kSettings = {{"defaults", 1, 4},
                                        {"l2 100, depth 2", 100, 2},
                                        {"l2 300, depth 2", 300, 2},
                                        {"l2 1000, depth 3", 1000, 3}};

struct Row {
  std::string name;
  double validation = 0, auc = 0, ap = 0, logloss = 0;  // sums over seeds
};

struct Fitted {
  train::LabelTaskResult result;
  double loss = 0;  // of the winner, on validation
};

/// What was judged, over all seeds.
class Trial {
 public:
  Trial(const events::Log& log, const data::LabelTable& labels, int seeds)
      : log_(log), labels_(labels), seeds_(seeds) {}

  void run(int seed) {
    std::optional<Fitted> best;
    for (const Setting& setting : kSettings) {
      Fitted one = fit(setting, seed);
      if (setting.name == kSettings[0].name) add_defaults(one);
      std::printf("  seed %d, %s: %s, %.4f on validation\n", seed,
                  setting.name.c_str(), one.result.fitted.contest.best.c_str(),
                  one.loss);
      if (!best || one.loss < best->loss) best.emplace(std::move(one));
    }
    std::fflush(stdout);
    add("served: settings chosen, too", best->result.fitted.contest.winner());
    if (seed == 1) {
      add_counts(best->result.split);
      judge_served(*best);
    }
  }

  void print() const {
    TextTable table({"", "logloss (validation)", "auc", "ap", "logloss"});
    for (const Row& row : rows_) {
      table.add({row.name, shown(row.validation), shown(row.auc), shown(row.ap),
                 shown(row.logloss)});
    }
    std::printf("%s%s", text_.c_str(), table.text().c_str());
  }

  BenchFigures figures() const {
    BenchFigures out;
    const std::vector<std::pair<std::string, std::string>> keys = {
        {"served: settings chosen, too", ""},
        {"base rate", "base_"},
        {"redeemed before", "counts_"},
        {"logistic", "logistic_"},
        {"trees", "trees_"},
        {"served: defaults", "defaults_"}};
    for (const auto& [name, prefix] : keys) {
      for (const Row& row : rows_) {
        if (row.name != name) continue;
        out.emplace_back(prefix + "auc", shown(row.auc));
        out.emplace_back(prefix + "ap", shown(row.ap));
      }
    }
    out.emplace_back("auc_low", fixed(auc_.low, 4));
    out.emplace_back("auc_high", fixed(auc_.high, 4));
    out.emplace_back("auc_gain_low", fixed(gain_.low, 4));
    out.emplace_back("seeds", std::to_string(seeds_));
    return out;
  }

 private:
  std::string shown(double sum) const {
    return sum == 0 ? "" : fixed(sum / seeds_, 4);
  }

  Fitted fit(const Setting& setting, int seed) const {
    train::LabelTaskInput input{.log = log_, .labels = labels_};
    input.name = "coupons";
    input.question = "does this household redeem a coupon?";
    input.horizon_days = kLongestCampaign;
    input.shares.test_share = kTestShare;
    input.contest.table.seed = static_cast<std::uint64_t>(seed);
    input.contest.table.l2 = setting.l2;
    input.contest.table.depth = setting.depth;
    Fitted out{train::fit_labels(input)};
    out.loss = out.result.fitted.contest.winner().validation.at("logloss");
    return out;
  }

  Row& row_of(const std::string& name) {
    for (Row& row : rows_) {
      if (row.name == name) return row;
    }
    rows_.push_back({name});
    return rows_.back();
  }

  void add(const std::string& name, const classic::JudgedTable& judged) {
    const auto figure = [](const classic::Figures& from, const char* what) {
      const auto found = from.find(what);
      return found == from.end() ? 0 : found->second;
    };
    Row& row = row_of(name);
    row.validation += figure(judged.validation, "logloss");
    row.auc += figure(judged.test, "auc");
    row.ap += figure(judged.test, "ap");
    row.logloss += figure(judged.test, "logloss");
  }

  void add_defaults(const Fitted& one) {
    const train::AskedResult& fitted = one.result.fitted;
    if (!fitted.leaks.empty()) invalid("coupons: a feature tells the label");
    add("base rate", fitted.baselines.front());
    row_of("redeemed before");
    for (const classic::JudgedTable& model : fitted.contest.models) {
      add(model.name == "linear" ? "logistic" : model.name, model);
    }
    add("served: defaults", fitted.contest.winner());
  }

  std::vector<double> counts(const data::LabelTable& asked) const {
    const std::vector<features::Definition> definitions = {
        {.name = "redeemed", .kind = "count", .action = "redeem"}};
    const auto table = data::compute_features(log_, definitions, asked.pairs);
    return std::get<std::vector<double>>(table.find("redeemed")->cells);
  }

  // How often the household redeemed before; the same for every seed.
  void add_counts(const judge::LabelSplit& split) {
    const auto scores = counts(split.test);
    Row& row = row_of("redeemed before");
    row.auc = seeds_ * metrics::auc(scores, split.test.values);
    row.ap = seeds_ * metrics::average_precision(scores, split.test.values);
  }

  // By the artifact, as the server answers; with intervals over rows.
  void judge_served(Fitted& best) {
    const data::LabelTable& test = best.result.split.test;
    const tasks::CustomerModel model(artifact::Artifact::from_bytes(
        best.result.fitted.contest.draft.bytes(), "coupons"));
    const auto said =
        model.table().predict(judge::features_of(log_, model, test.pairs));
    const auto plain = counts(test);
    auc_ = metrics::bootstrap_metric(
        test.size(), kReplicates, 1, [&](std::span<const double> weights) {
          return metrics::auc(said, test.values, weights);
        });
    gain_ = metrics::bootstrap_metric(
        test.size(), kReplicates, 1, [&](std::span<const double> weights) {
          return metrics::auc(said, test.values, weights) -
                 metrics::auc(plain, test.values, weights);
        });
    const judge::LabelSplit& split = best.result.split;
    text_ = grouped(split.train.size()) + " rows before " +
            judge::show_instant(split.validation_from) + " to learn from, " +
            grouped(split.validation.size()) + " to choose by, " +
            grouped(test.size()) + " from " +
            judge::show_instant(split.test_from) + " on to judge on; " +
            grouped(split.between) + " left out between\nserved, seed 1: auc " +
            interval(auc_) + ", over counts of redemptions " + interval(gain_) +
            "\n";
  }

  static std::string interval(const metrics::Interval& said) {
    return fixed(said.mean, 4) + " [" + fixed(said.low, 4) + ", " +
           fixed(said.high, 4) + "]";
  }

  const events::Log& log_;
  const data::LabelTable& labels_;
  int seeds_;
  std::vector<Row> rows_;
  metrics::Interval auc_, gain_;
  std::string text_;
};

int seeds_of(const std::vector<std::string>& words) {
  if (words.empty()) return 3;
  if (words.size() != 2 || words[0] != "--seeds") {
    invalid(words[0] + ": expected --seeds N");
  }
  const int seeds = std::stoi(words[1]);
  if (seeds < 1) invalid("--seeds: expected at least 1");
  return seeds;
}

BenchFigures run(const BenchOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const int seeds = seeds_of(options.extra);
  const auto folder = options.data / "dunnhumby-completejourney-sample";
  const ScratchFolder scratch;
  const auto dataset = import_coupons(folder, scratch.path() / "coupons");
  const events::Log log = dataset.log();
  const data::LabelTable labels = coupon_labels(folder, dataset, log);
  std::printf("%s households, %s events; %s rows of households and campaigns\n",
              grouped(log.users()).c_str(), grouped(log.size()).c_str(),
              grouped(labels.size()).c_str());
  Trial trial(log, labels, seeds);
  for (int seed = 1; seed <= seeds; ++seed) trial.run(seed);
  trial.print();
  BenchFigures out = trial.figures();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  out.emplace_back("seconds", fixed(took.count(), 1));
  return out;
}

}  // namespace

Bench customers_coupons_bench() {
  return {"customers/coupons",
          "who answers a campaign with a coupon (Dunnhumby)", run};
}

}  // namespace ensue::apps
