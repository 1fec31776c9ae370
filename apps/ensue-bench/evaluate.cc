// SPDX-License-Identifier: Apache-2.0
// How long it takes to rank every item for every user of ML-1M, seen items
// removed: a SASRec of width 64, 2 layers, that reads the last 50 events, as
// RecBole evaluates it (1.35 s there). Histories are encoded, items scored and
// ranked; loading data and model is not counted. The median of five.
#include "ensue/judge/evaluate.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/threads.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

constexpr double kRecBole = 1.35;  // seconds, ANCHORS

BenchFigures run(const BenchOptions& options) {
  using Clock = std::chrono::steady_clock;
  const events::Log log =
      import_public_data("evaluate/ml-1m", {"ml-1m/ml-1m.txt.zst"},
                         options.data, "build/bench-data", {});
  judge::SplitOptions protocol;
  protocol.kind = "leave-one-out";
  judge::Split split = judge::make_split(log, protocol);
  split.validation.clear();
  train::TrainOptions recipe;
  recipe.epochs = 1;
  recipe.max_length = 50;
  recipe.history = "last";
  const auto model = models::models().find("sasrec").build(
      {{"width", 64}, {"layers", 2}, {"hidden", 256}, {"window", 50}});
  const auto fitted = train::fit({.log = log,
                                  .split = split,
                                  .model = model,
                                  .options = recipe,
                                  .folder = {}});
  const auto scorer = judge::engine_scorer(
      "sasrec",
      std::make_shared<const runtime::Engine>(
          artifact::Artifact::from_bytes(fitted.draft.bytes(), "sasrec")),
      log);
  std::vector<double> seconds;
  double ndcg = 0;
  for (int i = 0; i < 5; ++i) {
    const auto start = Clock::now();
    const auto evaluation = judge::evaluate(
        log, split, split.test, *scorer,
        {.lists = false, .logloss = false, .slices = false, .bootstrap = 0});
    seconds.push_back(
        std::chrono::duration<double>(Clock::now() - start).count());
    ndcg = evaluation.metrics.at("ndcg@10").mean;
  }
  std::ranges::sort(seconds);
  const double median = seconds[seconds.size() / 2];
  TextTable table({"full ranking of 6,040 users", "seconds"});
  table.add({"RecBole (measured elsewhere)", fixed(kRecBole, 3)});
  table.add({"ensue", fixed(median, 3)});
  std::fputs(table.text().c_str(), stdout);
  return {{"value", fixed(median, 4)},
          {"ratio", fixed(kRecBole / median, 2)},
          {"users_per_second",
           fixed(static_cast<double>(split.test.size()) / median, 0)},
          {"ndcg@10", fixed(ndcg, 4)},
          {"threads", std::to_string(threads())}};
}

}  // namespace

Bench evaluate_ml_1m_bench() {
  return {"evaluate/ml-1m", "full ranking of ML-1M's users", run};
}

}  // namespace ensue::apps
