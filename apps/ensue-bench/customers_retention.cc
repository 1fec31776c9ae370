// SPDX-License-Identifier: Apache-2.0
// Who purchases within 90 days? Online Retail II, imported with its cleaning;
// the test's instant is 2011-06-01. Instants one and two horizons before it
// choose between settings; only the chosen one is judged on the test. Floors
// are printed in the same run: recency alone, logistic regression and XGBoost
// on RFM windows.
//
// Options: --seeds N, --cuts N (horizons before the test that are learnt from).
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue-bench/retention.h"
#include "apps/ensue-bench/typed.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

RetentionOptions parse(const BenchOptions& bench) {
  RetentionOptions out;
  read_typed(bench, {{"--seeds", &out.seeds}, {"--cuts", &out.cuts}});
  if (out.cuts < 4) invalid("--cuts: expected 4 or more");
  return out;
}

std::string shown(double figure) {
  return figure == 0 || std::isnan(figure) ? "" : fixed(figure, 4);
}

void add(TextTable& table, const RetentionRow& row) {
  table.add({row.model, fixed(row.validation_auc, 4),
             fixed(row.validation_ap, 4), shown(row.auc), shown(row.ap),
             shown(row.lowest_auc), shown(row.highest_auc), shown(row.ece)});
}

void print(const Retention& r) {
  TextTable table({"model", "validation auc", "validation ap", "auc", "ap",
                   "lowest auc", "highest auc", "ece"});
  for (const RetentionRow& row : r.floors) add(table, row);
  for (const RetentionRow& row : r.models) add(table, row);
  const std::string& best = r.models[r.best].model;
  std::printf(
      "%zu customers, %.1f %% purchase; %zu features, %zu rows of "
      "training; best on validation: %s\n%s",
      r.users, 100 * r.rate, r.features, r.rows, best.c_str(),
      table.text().c_str());
}

BenchFigures run(const BenchOptions& bench) {
  RetentionOptions options = parse(bench);
  ProgressPrinter progress;
  options.progress = progress.function();
  const ScratchFolder scratch;
  const fs::path& work = scratch.path();
  const auto log = import_public_data(
      "retention", {"online-retail-II/online_retail_to_2011-08.csv.zst"},
      bench.data, work, progress.function());
  const Retention r = judge_retention(log, options);
  progress.finish();
  print(r);
  const RetentionRow& row = r.models[r.best];
  return {{"auc", fixed(row.auc, 4)},
          {"ap", fixed(row.ap, 4)},
          {"ece", fixed(row.ece, 4)},
          {"validation_auc", fixed(row.validation_auc, 4)},
          {"recency_auc", fixed(r.floors[0].auc, 4)},
          {"logistic_auc", fixed(r.floors[1].auc, 4)},
          {"logistic_ap", fixed(r.floors[1].ap, 4)},
          {"xgboost_auc", fixed(r.floors[2].auc, 4)},
          {"xgboost_ap", fixed(r.floors[2].ap, 4)},
          {"seeds", std::to_string(options.seeds)}};
}

}  // namespace

Bench customers_retention_bench() {
  return {"customers/retention",
          "who purchases within 90 days, Online Retail II", run};
}

}  // namespace ensue::apps
