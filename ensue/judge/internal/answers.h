// SPDX-License-Identifier: Apache-2.0
// Questions with their targets, and what a scorer answered to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/judge/evaluate.h"

namespace ensue::judge {

/// Places [begin, end) in a list of queries: those of one user.
struct Run {
  std::size_t begin = 0, end = 0;
};

/// The queries that have a target item, with their distinct target items.
struct Questions {
  /// @param queries  sorted by user.
  /// @param actions  of events that are targets; empty: all.
  /// @throws Error(kNotFound) for an action that the log does not have.
  Questions(const events::Log& log, std::span<const Query> queries,
            const std::vector<std::string>& actions);

  std::size_t size() const noexcept { return queries.size(); }

  std::vector<Query> queries;
  std::vector<std::size_t> offsets;     // [queries + 1] into `targets`
  std::vector<events::ItemId> targets;  // rising within a query
  std::vector<Run> users;
};

/// Per target of the questions, best first within a query: which item it is,
/// its rank (infinite: the scorer has no place for it) and its loss.
struct Answers {
  std::vector<events::ItemId> items;
  std::vector<double> ranks, losses;
  /// [queries, width] places of the best items; empty unless asked for.
  std::vector<std::uint32_t> lists;
  std::size_t width = 0;
  std::size_t unknown = 0;  // targets without a place

  static constexpr double kUnknownRank =
      std::numeric_limits<double>::infinity();
};

Answers answer(const events::Log& log, const Split& split,
               const Questions& questions, const Scorer& scorer,
               const EvaluateOptions& options, const ProgressFn& progress);

}  // namespace ensue::judge
