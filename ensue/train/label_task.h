// SPDX-License-Identifier: Apache-2.0
// From a log and a label table to a judged model of the label.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/data/labels.h"
#include "ensue/judge/row_split.h"
#include "ensue/train/asked_tables.h"

namespace ensue::train {

struct LabelTaskInput {
  const events::Log& log;
  const data::LabelTable& labels;
  std::string name = "label";
  std::string question = {};  // for people
  /// Days until a label is known, which keep the parts apart.
  int horizon_days = 0;
  /// When each label became known, in place of that; or empty.
  std::vector<events::Millis> known = {};
  /// What the question is about; empty: the log's main action.
  std::string action = {};
  judge::ShareOptions shares = {};
  classic::ContestOptions contest = {};
  /// Features beside the default definitions.
  std::vector<features::Definition> more = {};
  ProgressFn progress = {};
};

struct LabelTaskResult {
  AskedResult fitted;
  judge::LabelSplit split;
};

/// Cuts the table by time, fits as fit_asked() does, and makes the draft of a
/// tasks::CustomerModel. What the default definitions look at lies before the
/// first row that chooses.
/// @throws Error(kInvalidArgument) as judge::split_labels() and fit_asked(),
///   and for a name that is no word.
LabelTaskResult fit_labels(const LabelTaskInput& input);

}  // namespace ensue::train
