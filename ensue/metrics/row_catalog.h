// SPDX-License-Identifier: Apache-2.0
// The metrics of answers about rows (customers, sessions, …) by name. To add
// one: a function in its group's file, one line. What needs more than rows is
// not listed: pinball a quantile, mase and rmsse a past, silhouette points.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ensue/base/catalog.h"

namespace ensue::metrics {

/// What was answered for each row, and what came true.
struct Rows {
  std::span<const double> answers;
  std::span<const double> labels;
  std::span<const double> weights = {};        // none: 1 each
  std::span<const std::uint8_t> treated = {};  // of an experiment
};

enum class RowNeeds {
  kScores,         // any order of answers; labels 0 or 1
  kProbabilities,  // answers in [0, 1]; labels 0 or 1
  kClasses,        // numbers of classes on both sides, no weights
  kNumbers,        // anything
  kExperiment,     // answers are predicted effects; treated
};

struct RowMetricEntry {
  std::string_view name;     // as people type it
  std::string_view summary;  // one line
  RowNeeds needs;
  double low, high;  // bounds
  bool higher_is_better;
  /// @throws Error(kInvalidArgument) as the function's own header says.
  double (*of_rows)(const Rows&);
};

const Catalog<RowMetricEntry>& row_metrics();

}  // namespace ensue::metrics
