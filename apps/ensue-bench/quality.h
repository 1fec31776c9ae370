// SPDX-License-Identifier: Apache-2.0
// How good the models are on public data, under the published protocols.
#pragma once

#include <string>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality_options.h"
#include "ensue/artifact/model_spec.h"
#include "ensue/base/json.h"
#include "ensue/base/progress.h"
#include "ensue/judge/split.h"
#include "ensue/train/fit.h"

namespace ensue::apps {

/// One data set and how it is judged.
struct QualityData {
  std::string name;                // also the folder of its configurations
  std::vector<std::string> files;  // below --data
  judge::SplitOptions split;
  int k = 10;                        // length of the lists judged
  std::vector<std::string> metrics;  // what the table shows, best known first
  /// Mean over questions instead of users first, as published for sessions.
  bool per_question = false;
  /// The published figures learn from validation too: run_best() does, at last.
  bool learns_validation = false;
};

/// How one model is made and trained.
struct Recipe {
  artifact::ModelSpec model;
  train::TrainOptions train;
  bool neural = false;
};

/// The model's settings for a data set, from <configs>/<data>/<model>.toml
/// (defaults where there is none), with what was typed over them.
Recipe read_recipe(const std::string& model, const std::string& data,
                   const QualityOptions& options);

/// train::fit() of a recipe, without a folder.
train::FitResult fit_recipe(const Recipe& recipe, const events::Log& log,
                            const judge::Split& split,
                            const ProgressFn& progress);

/// Imports files below `root` through their preset into a dataset <work>/<name>
/// and reads it: a second or two, and never stale.
events::Log import_public_data(const std::string& name,
                               const std::vector<std::string>& files,
                               const std::filesystem::path& root,
                               const std::filesystem::path& work,
                               const ProgressFn& progress);

/// Fits `members` on the data as run_quality() does (a model named twice with
/// another seed, as "<model>-2"), blends them with weights
/// fitted on validation, learns members without gradients (with
/// learns_validation: all, for as many epochs as validation said) anew from
/// training and validation, and judges the blend on the test, over `seeds`
/// seeds:
/// "<metric>" of the blend, "<member>.<metric>", weights, and "value", the
/// seconds from the log to the judged blend, each a mean.
BenchFigures run_best(const QualityData& data,
                      const std::vector<std::string>& members,
                      const std::string& fit_metric, int seeds,
                      const BenchOptions& options);

/// Imports the data through its preset, fits every model with its settings
/// from <configs>/<name>/<model>.toml (defaults where there is none), ranks
/// every item for every question of the test, and returns "<model>.<metric>"
/// and "<model>.seconds" of training. A tied target ranks last. Models without
/// gradients also learn from the validation events, as the published figures of
/// such baselines do; the others watch them to stop early.
BenchFigures run_quality(const QualityData& data, const BenchOptions& options);

/// One row of a benchmark: a model with [train] settings over its file's, under
/// what was typed.
struct Variant {
  std::string name;  // of the row
  std::string model;
  JsonObject train;
};

/// run_quality() with rows of its own.
BenchFigures run_variants(const QualityData& data,
                          const std::vector<Variant>& variants,
                          const BenchOptions& options);

QualityData beauty_data();
QualityData ml_1m_data();

}  // namespace ensue::apps
