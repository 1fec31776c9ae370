// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/baselines.h"

#include <memory>
#include <string>

#include "ensue/judge/scorer.h"
#include "ensue/models/catalog.h"
#include "ensue/train/fit.h"

namespace ensue::apps {

std::vector<judge::Evaluation> judge_baselines(
    const events::Log& log, const judge::Split& split,
    std::span<const judge::Query> queries,
    const judge::EvaluateOptions& options, const ProgressFn& progress) {
  std::vector<judge::Evaluation> out;
  for (const char* name : {"popularity", "markov", "session-knn"}) {
    const train::FitResult fitted =
        train::fit({.log = log,
                    .split = split,
                    .model = models::models().find(name).build({}),
                    .options = {},
                    .folder = {}});
    const auto engine = std::make_shared<const runtime::Engine>(
        artifact::Artifact::from_bytes(fitted.draft.bytes(), name));
    const auto scorer = judge::engine_scorer(name, engine, log);
    out.push_back(
        judge::evaluate(log, split, queries, *scorer, options, progress));
  }
  return out;
}

}  // namespace ensue::apps
