// SPDX-License-Identifier: Apache-2.0
// Evaluations side by side: who is best, and whether by more than chance.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/judge/evaluate.h"

namespace ensue::judge {

/// Models and baselines judged on the same questions, ready to be shown.
struct Report {
  struct Cell {
    double value = 0;
    std::optional<Interval> interval;  // none for whole-list figures
    bool best = false;                 // nobody has a better value
  };
  struct Row {
    std::string model;
    bool baseline = false;
    std::vector<std::optional<Cell>> cells;  // one per metric
    /// Best model minus this row on metrics[0]; none in its own row.
    std::optional<Comparison> best_minus_this;
  };
  std::vector<std::string> metrics;
  std::vector<Row> rows;  // models as given, then baselines
  std::size_t best = 0;   // row of the model with the best metrics[0]
};

/// @param metrics  Labels; the first decides who is best among `models`, or
///                 among the baselines where there are no models.
/// @throws Error(kInvalidArgument) on no evaluation, no metric, or evaluations
///   of different questions; Error(kNotFound) for an unknown metric.
Report make_report(std::span<const Evaluation> models,
                   std::span<const Evaluation> baselines,
                   std::vector<std::string> metrics, std::uint64_t seed = 1);

/// True when zero lies outside the 95 % interval of the difference.
bool is_clear(const Comparison& comparison);

}  // namespace ensue::judge
