// SPDX-License-Identifier: Apache-2.0
// The models that a question about customers is tried with, by name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/classic/table_contest.h"
#include "ensue/events/table.h"
#include "ensue/runtime/table_model.h"

namespace ensue::train {

/// As-of features and what is true of them; beside them, row by row, what a
/// sequence model says (tasks::SequenceColumns; may be nothing). `shorter` are
/// other rows: what came within a shorter time, which is known sooner.
struct CandidateRows {
  classic::TablePart features;
  events::Table sequence = {};
  classic::TablePart shorter = {};

  /// Features, and behind them the sequence model's columns.
  classic::TablePart all() const;
};

/// Whether a model of that name reads a sequence model's columns.
bool wants_sequence(const std::string& name);
/// Whether one of its members learns from the shorter rows.
bool wants_shorter(const std::string& name);

/// Fits models by name: members joined by "+", each one of
/// classic::TableFitOptions::model on the features, or the same with
/// ":embedding" behind it, which reads the sequence model's embedding, too, or
/// ":short", which learns from the shorter rows, or "head", the sequence
/// model's own answer. A member that several have is fitted once. Rows and
/// options must outlive it.
class Candidates {
 public:
  Candidates(const CandidateRows& train, const CandidateRows& validation,
             const CandidateRows& test, const classic::TableFitOptions& options)
      : train_(train),
        validation_(validation),
        test_(test),
        options_(options) {}

  /// @throws Error(kInvalidArgument) as fit_table(), and for "head" where the
  ///   sequence model has none.
  artifact::Draft fit(const std::string& name);

  /// A model that fit() made of `name`, fitted again (table_refit.h) on the
  /// validation's rows, too, and on the test's.
  artifact::Draft again(const std::string& name, runtime::TableModel model,
                        bool with_test) const;

 private:
  runtime::TableModel member(const std::string& name);
  std::vector<std::byte> fitted(const std::string& name) const;

  const CandidateRows &train_, &validation_, &test_;
  const classic::TableFitOptions& options_;
  std::map<std::string, std::vector<std::byte>> members_;  // artifacts
};

}  // namespace ensue::train
