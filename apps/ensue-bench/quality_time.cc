// SPDX-License-Identifier: Apache-2.0
// How long one waits for a good model: from a log that is imported to a trained
// model. When to stop is decided on validation alone, by the model's own
// settings in configs/ml-1m; the test is asked once, afterwards.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/threads.h"
#include "ensue/judge/evaluate.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

constexpr char kModel[] = "gru", kMetric[] = "ndcg@10";
constexpr double kGoalSeconds = 300, kGoal = 0.182;

double test_metric(const events::Log& log, const judge::Split& split,
                   const artifact::Draft& draft, const ProgressFn& progress) {
  const auto scorer = judge::engine_scorer(
      kModel,
      std::make_shared<const runtime::Engine>(
          artifact::Artifact::from_bytes(draft.bytes(), kModel)),
      log);
  return judge::evaluate(log, split, split.test, *scorer,
                         {.ks = {10}, .lists = false, .slices = false},
                         progress)
      .metrics.at(kMetric)
      .mean;
}

BenchFigures run(const BenchOptions& options) {
  const QualityData data = ml_1m_data();
  QualityOptions typed = parse_quality_options(options.extra);
  typed.train.insert(JsonObject::value_type("precision", "bf16"));
  const Recipe recipe = read_recipe(kModel, data.name, typed);
  ProgressPrinter printer;
  const ProgressFn progress = printer.function();
  const events::Log log = import_public_data(
      data.name, data.files, options.data, typed.work, progress);

  const auto start = std::chrono::steady_clock::now();
  const judge::Split split = judge::make_split(log, data.split);
  const auto fitted = fit_recipe(recipe, log, split, progress);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  const double found = test_metric(log, split, fitted.draft, progress);
  printer.finish();

  const std::string watched = "validation " + recipe.train.metric;
  TextTable table({"epoch", "seconds", watched});
  for (const train::CurveRow& row : fitted.curve) {
    const auto metric = row.find(watched);
    table.add({fixed(row.at("epoch"), 0), fixed(row.at("seconds"), 1),
               metric == row.end() ? "-" : fixed(metric->second, 4)});
  }
  std::printf(
      "%s%s, %s: epoch %d kept; %s on test %.4f (goal %.3f in %.0f s)\n",
      table.text().c_str(), kModel, recipe.train.precision.c_str(),
      fitted.best_epoch, kMetric, found, kGoal, kGoalSeconds);
  return {{"value", fixed(seconds, 1)},
          {kMetric, fixed(found, 4)},
          {"goal", fixed(kGoalSeconds, 0)},
          {"goal_" + std::string(kMetric), fixed(kGoal, 3)},
          {"best_epoch", std::to_string(fitted.best_epoch)},
          {"epochs", std::to_string(fitted.curve.size())},
          {"threads", std::to_string(threads())}};
}

}  // namespace

Bench quality_ml_1m_time_bench() {
  return {"quality/ml-1m-time", "seconds to a good model of ML-1M", run};
}

}  // namespace ensue::apps
