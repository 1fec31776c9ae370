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

struct TablePart {
  events::Table rows;
  TableLabels labels;
};

struct JudgedTable {
  std::string name;
  Figures validation, test;
};

struct ContestOptions {
  /// What is fitted and compared, as TableFitOptions::model.
  std::vector<std::string> models = {"linear", "trees", "linear+trees"};
  TableFitOptions table = {};
  /// Fits one of `models` where they read other columns of the rows than all;
  /// null: fit_table().
  std::function<artifact::Draft(const std::string& model)> fit = nullptr;
};

struct ContestResult {
  artifact::Draft draft;  // of the model that was best on validation
  Label kind = Label::kBinary;
  std::string best = {};
  std::vector<JudgedTable> models = {};  // in the order asked for

  const JudgedTable& winner() const;
  /// What it reached, as artifacts carry it: {"test": …, "validation": …}.
  JsonObject metrics() const;
};

/// Fits every model on `train`, lets `validation` choose what fit_table() lets
/// it choose and which model is best, and judges all on `test`, which nothing
/// else looks at.
/// @throws Error(kInvalidArgument) as fit_table(), and without models or rows
///   in a part.
ContestResult hold_contest(const TablePart& train, const TablePart& validation,
                           const TablePart& test,
                           const ContestOptions& options);

/// The same answer for everybody: the mean of training, or its shares of the
/// classes.
JudgedTable judge_constant(const TableLabels& train,
                           const TableLabels& validation,
                           const TableLabels& test);

}  // namespace ensue::classic
