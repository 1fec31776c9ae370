// SPDX-License-Identifier: Apache-2.0
// Several models of one table: validation chooses, all are judged.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/classic/table_fit.h"
#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {

/// binary        "auc", "ap", "logloss", "brier", "ece"
/// class         "logloss", "accuracy", "macro_f1"
/// number, count "mae", "rmse", "wape" (where a truth is not 0), "total" (sum
///               said over sum true)
/// "auc" and "ap" only where both labels occur.
using Figures = std::map<std::string, double>;

/// Their names in the order in which people read them.
std::vector<std::string> figure_names(Label kind);
/// The figure that chooses, lower is better: "logloss" or "rmse".
std::string choosing_figure(Label kind);

/// @param said  [rows, outputs], as runtime::TableModel::predict.
Figures figures_of(std::span<const double> said, const TableLabels& truth);

struct JudgedTable {
  std::string name;
  Figures validation, test;
};

struct ContestOptions {
  /// What is fitted and compared, as TableFitOptions::model.
  std::vector<std::string> models = {"linear", "trees", "linear+trees"};
  TableFitOptions table = {};
  /// "none" keeps the winner as it learnt from training alone. "validation"
  /// fits it again on those rows, too, with what was chosen left as it is,
  /// before it is judged and kept; "all" also on the test's afterwards. Later
  /// rows order better; the calibration was fitted to what came one step after
  /// the rows learnt from, and that step is then a longer one.
  std::string refit = "none";
  /// Fits one of `models`, and fits it again, where they read other rows or
  /// columns than all; null: fit_table(), refit_table().
  std::function<artifact::Draft(const std::string& model)> fit = nullptr;
  std::function<artifact::Draft(const std::string& model,
                                runtime::TableModel fitted, bool with_test)>
      again = nullptr;

  void visit(auto&& field) {
    field("models", models,
          "what is fitted and compared: see [table] model; of customers also "
          "head, NAME:embedding and NAME:short");
    field("refit", refit,
          "the best, its settings kept, learns anew before it is judged and "
          "kept: validation (from its rows, too), all (after the judging from "
          "the test's, too), none");
  }
};

struct ContestResult {
  artifact::Draft draft;  // of the model that was best on validation
  Label kind = Label::kBinary;
  std::string best = {};
  std::vector<JudgedTable> models = {};  // in the order asked for
  Figures refitted = {};  // of the test, by the winner fitted again; or none

  const JudgedTable& winner() const;
  /// What it reached, as artifacts carry it: {"test": …, "validation": …}.
  JsonObject metrics() const;
};

/// Fits every model on `train`, lets `validation` choose what fit_table() lets
/// it choose and which model is best, and judges all on `test`, which nothing
/// else looks at but the last refit, which is not judged.
/// @throws Error(kInvalidArgument) as fit_table(), without models or rows in a
///   part, and for an unknown refit.
ContestResult hold_contest(const TablePart& train, const TablePart& validation,
                           const TablePart& test,
                           const ContestOptions& options);

/// The same answer for everybody: the mean of training, or its shares of the
/// classes.
JudgedTable judge_constant(const TableLabels& train,
                           const TableLabels& validation,
                           const TableLabels& test);

}  // namespace ensue::classic
