// SPDX-License-Identifier: Apache-2.0
// From a log and a question about customers to a judged table model.
#pragma once

#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/progress.h"
#include "ensue/classic/table_contest.h"
#include "ensue/events/log.h"
#include "ensue/features/definition.h"
#include "ensue/judge/customer_labels.h"
#include "ensue/judge/leaks.h"
#include "ensue/tasks/customer_task.h"
#include "ensue/train/customers_sequence.h"

namespace ensue::train {

struct CustomersInput {
  const events::Log& log;
  tasks::CustomerTaskOptions asked;
  judge::CutOptions cuts = {};
  /// What is fitted and compared, members joined by "+": a member is one of
  /// classic::TableFitOptions::model on the as-of features, or the same with
  /// ":embedding" behind it, which reads the sequence model's embedding, too,
  /// or ":short", which learns what came within a third of the horizon, of
  /// later instants, as that is known sooner (a yes or no alone), or "head",
  /// the sequence model's own answer. What there is not is left out.
  classic::ContestOptions contest = {};
  SequenceOptions sequence = {};
  ProgressFn progress = {};
};

struct CustomersResult {
  artifact::Draft draft;  // of the model that was best on validation
  classic::Label kind = classic::Label::kBinary;
  std::string best = {};
  std::vector<classic::JudgedTable> models = {};  // in the order asked for
  classic::Figures refitted = {};  // of the test, by the best fitted again
  /// One feature alone, or the same answer for everybody.
  std::vector<classic::JudgedTable> baselines = {};
  judge::Cuts cuts = {};
  std::size_t train_rows = 0, validation_rows = 0, test_rows = 0;
  std::vector<judge::Leak> leaks = {};
};

/// Trains the sequence model that some of them want (customers_sequence.h),
/// fits every model on the training cuts, lets the validation cut choose, and
/// judges all of them on the test cut, which nothing else looks at. Features
/// are the default definitions of what stood in the log before the last
/// training cut's horizon ended. Binary tasks are chosen by log-loss, others by
/// root mean square error.
/// @throws Error(kInvalidArgument) as choose_cuts(), labels_at(), fit_table().
CustomersResult fit_customers(const CustomersInput& input);

}  // namespace ensue::train
