// SPDX-License-Identifier: Apache-2.0
// Judging yes-or-no answers: how they rank, where a threshold cuts, and how
// good they are as probabilities (more of that in calibration.h).
#pragma once

#include <span>

#include "ensue/metrics/calibration.h"

namespace ensue::metrics {

// Labels are 0 or 1; weights are per row, none means 1 each. All throw
// Error(kInvalidArgument) in one line for no rows, lengths that differ, a
// number that is not finite, a label that is neither, weights that sum to 0.
// What depends on the order of scores takes O(n log n), the rest O(n).

/// Chance that a random positive scores above a random negative, ties counted
/// half (area under the ROC curve); in [0, 1].
/// @throws Error(kInvalidArgument) also when all labels are equal.
double auc(std::span<const double> scores, std::span<const double> labels,
           std::span<const double> weights = {});

/// Sum over the distinct scores, highest first, of precision * (gain in
/// recall), without interpolation; in (0, 1]. As scikit-learn computes it.
/// @throws Error(kInvalidArgument) also without a positive.
double average_precision(std::span<const double> scores,
                         std::span<const double> labels,
                         std::span<const double> weights = {});

/// Mean squared distance of the probability from the label; in [0, 1].
/// @throws Error(kInvalidArgument) also for a probability outside [0, 1].
double brier(std::span<const double> probabilities,
             std::span<const double> labels,
             std::span<const double> weights = {});

/// Mean -log p(label) in nats; a row costs at most kWorstLoss (logloss.h).
/// @throws Error(kInvalidArgument) also for a probability outside [0, 1].
double logloss_of(std::span<const double> probabilities,
                  std::span<const double> labels,
                  std::span<const double> weights = {});

/// Weights of the four outcomes where a score of at least the threshold says
/// yes. What would divide by 0 is 0.
struct Confusion {
  double true_positive = 0, false_positive = 0;
  double false_negative = 0, true_negative = 0;

  double accuracy() const noexcept;
  double precision() const noexcept;  // of those said yes to
  double recall() const noexcept;     // of the positives
  double f1() const noexcept;         // harmonic mean of the two
};
Confusion confusion_at(double threshold, std::span<const double> scores,
                       std::span<const double> labels,
                       std::span<const double> weights = {});

}  // namespace ensue::metrics
