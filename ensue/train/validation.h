// SPDX-License-Identifier: Apache-2.0
// What early stopping watches, measured through the real answering path.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"
#include "ensue/judge/evaluate.h"
#include "ensue/judge/split.h"

namespace ensue::train {

/// How to measure one metric and nothing else.
/// @throws Error(kNotFound) for an unknown metric, Error(kInvalidArgument) for
///   one without a usable "@k".
judge::EvaluateOptions measure_only(const std::string& metric);

/// Draft -> bytes -> engine -> judge on a fixed sample of validation users.
class Validation {
 public:
  struct Options {
    std::string metric = "ndcg@10";
    int users = 5000;  // at most; 0: all
    std::uint64_t seed = 1;
    std::vector<std::string> target_actions = {};
  };

  /// Log and split must outlive it.
  /// @throws Error(kNotFound) for an unknown metric, Error(kInvalidArgument)
  ///   for one without a usable "@k".
  Validation(const events::Log& log, const judge::Split& split,
             const Options& options);

  /// False: the split has no validation queries; then nothing can be asked.
  bool possible() const noexcept { return !queries_.empty(); }
  bool higher_is_better() const;
  const std::string& metric() const noexcept { return options_.metric; }

  /// The mean over users.
  double operator()(const artifact::Draft& draft) const;

 private:
  const events::Log& log_;
  const judge::Split& split_;
  Options options_;
  judge::EvaluateOptions evaluate_;
  std::vector<judge::Query> queries_;
};

}  // namespace ensue::train
