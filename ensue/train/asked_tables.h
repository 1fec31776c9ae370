// SPDX-License-Identifier: Apache-2.0
// Users asked about at instants of a log: features, models, judgement.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/classic/table_contest.h"
#include "ensue/data/labels.h"
#include "ensue/events/log.h"
#include "ensue/features/definition.h"
#include "ensue/judge/leaks.h"
#include "ensue/train/customers_sequence.h"

namespace ensue::train {

/// One question's answers that are known: to learn from, to choose by, to
/// judge on. Classes are the same in all three.
struct AskedTables {
  data::LabelTable train, validation, test;
};

/// A sequence model beside the tables.
struct AskedSequence {
  std::string task;         // of its label head
  events::Millis until{0};  // it learns from events before this instant
  SequenceOptions options = {};
};

struct AskedInput {
  const events::Log& log;
  const AskedTables& tables;
  /// Features, made as of each pair.
  std::vector<features::Definition> definitions;
  /// Whose recency and count are the orderings to beat; "" is any event's.
  std::string aim = {};
  /// Models may be those of Candidates; those that want a sequence model or
  /// shorter rows are left out where there is none.
  classic::ContestOptions contest = {};
  const AskedSequence* sequence = nullptr;
  /// The same question about a shorter time, or null.
  const AskedTables* shorter = nullptr;
  ProgressFn progress = {};
};

struct AskedResult {
  classic::ContestResult contest;
  /// The same answer for everybody; of a binary question also one feature
  /// alone, which has only "auc" and "ap".
  std::vector<classic::JudgedTable> baselines = {};
  std::vector<judge::Leak> leaks = {};  // of the features that training sees
  /// The sequence model's artifact, where the winner wants it.
  std::vector<std::byte> sequence = {};
};

/// Computes the features of all pairs and holds a contest. The draft says what
/// the log's ids mean and what the winner reached, not yet what was asked.
/// @throws Error(kInvalidArgument) as classic::hold_contest() and
///   data::compute_features(), and for a class that training never sees.
AskedResult fit_asked(const AskedInput& input);

classic::Label classic_label(data::LabelKind kind);

}  // namespace ensue::train
