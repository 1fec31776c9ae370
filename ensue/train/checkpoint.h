// SPDX-License-Identifier: Apache-2.0
// All that training needs to go on as if it had never been killed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "ensue/train/fit.h"

namespace ensue::train {

/// The state of a training run between two steps. Everything random is a
/// function of (seed, epoch, step), so no generator is kept.
struct Checkpoint {
  std::uint64_t identity = 0;            // of log, split, model and options
  std::uint64_t epoch = 0, batch = 0;    // the next ones, from 0
  double loss_sum = 0, loss_weight = 0;  // of the epoch so far
  double seconds = 0;                    // spent so far
  std::int64_t steps = 0;                // of the optimiser
  std::uint64_t best_epoch = 0;          // 0: none yet
  std::uint64_t waited = 0;              // evaluations since the best
  double best_metric = 0;
  bool finished = false;
  std::vector<CurveRow> curve;
  std::vector<std::vector<float>> parameters, moments, best;

  /// Atomic. @throws Error(kUnavailable).
  void write(const std::filesystem::path& path) const;
  /// nullopt: there is no such file.
  /// @throws Error(kCorrupt) when it is not a whole checkpoint.
  static std::optional<Checkpoint> read(const std::filesystem::path& path);
};

}  // namespace ensue::train
