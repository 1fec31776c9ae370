// SPDX-License-Identifier: Apache-2.0
// Features and labels in, a member of a table model out.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ensue/classic/table_fit.h"
#include "ensue/runtime/feature_rows.h"
#include "ensue/runtime/table_scorer.h"

namespace ensue::classic {

/// Prepared rows and what they turned out to be.
struct MemberRows {
  const runtime::FeatureRows& x;
  std::span<const double> y;
};

/// Outputs of a label: classes, or one.
std::size_t outputs_of(const TableLabels& labels);

/// How long a member was trained, chosen on held-back rows: rounds, epochs,
/// steps down the path of penalties; 0 for members that have no such choice.
struct Fitted {
  std::unique_ptr<const runtime::TableScorer> scorer;
  int length = 0;
};

/// Everything that a member's fit is told.
struct MemberTask {
  Label kind;
  std::size_t outputs;
  MemberRows train;
  /// Decides when to stop; no rows: train for `length`.
  MemberRows held;
  int length = 0;
  const TableFitOptions& options;
  int threads = 1;
};

/// Whether linear and bayes choose their penalty on held-back rows.
bool chooses_penalty(const TableFitOptions& options, Label kind);

Fitted fit_linear(const MemberTask& task);
Fitted fit_bayes(const MemberTask& task);
Fitted fit_trees(const MemberTask& task);
Fitted fit_forest(const MemberTask& task);
Fitted fit_neighbours(const MemberTask& task);
Fitted fit_dense(const MemberTask& task);

/// Mean loss of margins [rows, outputs]: log-loss of binary and class, squared
/// error of number, Poisson's negative log-likelihood (without its constant)
/// of count.
double margin_loss(Label kind, std::size_t outputs,
                   std::span<const double> margins, std::span<const double> y);

}  // namespace ensue::classic
