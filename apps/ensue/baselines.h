// SPDX-License-Identifier: Apache-2.0
// What stands beside every model: popularity, Markov, session kNN.
#pragma once

#include <span>
#include <vector>

#include "ensue/judge/evaluate.h"

namespace ensue::apps {

/// The three baselines with their default settings, fitted on the training
/// events of the split and judged on `queries`, in the order above.
/// @throws what fit() and evaluate() throw.
std::vector<judge::Evaluation> judge_baselines(
    const events::Log& log, const judge::Split& split,
    std::span<const judge::Query> queries,
    const judge::EvaluateOptions& options, const ProgressFn& progress = {});

}  // namespace ensue::apps
