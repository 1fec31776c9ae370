// SPDX-License-Identifier: Apache-2.0
// The metrics by name. To add one: a function in its group's file, one line.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "ensue/base/catalog.h"
#include "ensue/metrics/lists.h"
#include "ensue/metrics/ranking.h"

namespace ensue::metrics {

enum class Needs {
  kRanks,   // of_outcome, ranks of the targets of one question
  kLosses,  // of_outcome, losses of the targets of one question
  kLists,   // of_lists, the lists of all questions together
};

struct MetricEntry {
  std::string_view name;     // without @k
  std::string_view summary;  // one line
  Needs needs;
  double low, high;       // bounds; novelty's upper one depends on the users
  bool higher_is_better;  // novelty: neither is; higher is more unusual
  double (*of_outcome)(const Outcome&, int k) = nullptr;
  double (*of_lists)(const TopLists&, int k) = nullptr;

  /// Only what is computed over a list has a length in its name.
  bool has_cutoff() const noexcept { return needs != Needs::kLosses; }
  /// "ndcg@10", "logloss".
  std::string label(int k) const;
};

const Catalog<MetricEntry>& metrics();

/// The metric of a label such as "ndcg@10". @throws Error(kNotFound).
const MetricEntry& metric_of(std::string_view label);

}  // namespace ensue::metrics
