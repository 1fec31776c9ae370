// SPDX-License-Identifier: Apache-2.0
// From a log and a question about customers to a judged table model.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/progress.h"
#include "ensue/classic/table_fit.h"
#include "ensue/events/log.h"
#include "ensue/features/definition.h"
#include "ensue/judge/customer_labels.h"
#include "ensue/judge/leaks.h"
#include "ensue/tasks/customer_task.h"

namespace ensue::train {

struct CustomersInput {
  const events::Log& log;
  tasks::CustomerTaskOptions asked;
  judge::CutOptions cuts = {};
  /// What is fitted and compared, as classic::TableFitOptions::model.
  std::vector<std::string> models = {"linear", "trees", "linear+trees"};
  classic::TableFitOptions table = {};
  ProgressFn progress = {};
};

/// "auc", "ap", "logloss", "brier", "ece" of a binary task; "mae", "rmse",
/// "wape" and "total" (sum said over sum true) of others.
using Figures = std::map<std::string, double>;

struct JudgedTable {
  std::string name;
  Figures validation, test;
};

struct CustomersResult {
  artifact::Draft draft;  // of the model that was best on validation
  std::string best = {};
  std::vector<JudgedTable> models = {};     // in the order asked for
  std::vector<JudgedTable> baselines = {};  // one feature alone, or the mean
  judge::Cuts cuts = {};
  std::size_t train_rows = 0, validation_rows = 0, test_rows = 0;
  std::vector<judge::Leak> leaks = {};
};

/// Fits every model on the training cuts, lets the validation cut choose, and
/// judges all of them on the test cut, which nothing else looks at. Features
/// are the default definitions of what stood in the log before the last
/// training cut's horizon ended. Binary tasks are chosen by log-loss, others by
/// root mean square error.
/// @throws Error(kInvalidArgument) as choose_cuts(), labels_at(), fit_table().
CustomersResult fit_customers(const CustomersInput& input);

/// The metric that chooses: lower is better.
std::string choosing_metric(runtime::TableLabel kind);

}  // namespace ensue::train
