// SPDX-License-Identifier: Apache-2.0
// Models of tables over folds: every row is answered by a fit without it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "ensue/classic/table_fit.h"
#include "ensue/events/table.h"

namespace ensue::apps {

/// A table, its labels, and how many ways to cut it.
struct FoldTask {
  const events::Table& rows;
  const std::vector<double>& labels;  // 0 or 1
  int folds = 5, seeds = 3;
  /// A number of each row that training alone may know, or none.
  std::vector<double> auxiliary = {};
};

/// Mean over folds and seeds, as cross_val_score would print it.
struct FoldScores {
  std::string name;
  double auc = 0, ap = 0, brier = 0, ece = 0, seconds = 0;
  std::vector<double> auc_of_seed;
  /// Calibrated answers of the first seed, a row each.
  std::vector<double> answers;
};

struct Contender {
  std::string name;
  classic::TableFitOptions options;
  bool auxiliary = false;  // learns the auxiliary numbers too
};

/// All contenders see the same folds. `say` gets a line per fold.
std::vector<FoldScores> score_folds(
    const FoldTask& task, const std::vector<Contender>& contenders,
    const std::function<void(const std::string&)>& say);

/// Chosen rows, in that order.
events::Table rows_of(const events::Table& table,
                      const std::vector<std::size_t>& chosen);

/// A table of them on standard output.
void print_scores(const std::vector<FoldScores>& scores);

}  // namespace ensue::apps
