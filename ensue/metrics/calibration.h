// SPDX-License-Identifier: Apache-2.0
// Whether what is said to happen with 30 % happens in 30 % of the cases.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace ensue::metrics {

/// One point of a reliability curve.
struct ReliabilityBin {
  double predicted = 0;  // mean probability said
  double observed = 0;   // share of positives
  double weight = 0;     // rows, or their weights
};

/// Mean probability and share of positives in `bins` groups of about equally
/// many rows, lowest probabilities first. Rows of one probability share a bin
/// (the one where their middle falls), so the curve does not depend on the
/// order of rows and may have fewer points than `bins`. O(n log n).
/// @throws Error(kInvalidArgument) as the metrics of binary.h, for a
///   probability outside [0, 1] and for no bins.
std::vector<ReliabilityBin> reliability(std::span<const double> probabilities,
                                        std::span<const double> labels,
                                        std::size_t bins = 10,
                                        std::span<const double> weights = {});

/// Expected calibration error: mean |predicted - observed| over those bins,
/// weighted by what they hold; in [0, 1]. Naeini et al. 2015 (AAAI), with bins
/// of equal counts.
double ece(std::span<const double> probabilities,
           std::span<const double> labels, std::size_t bins = 10,
           std::span<const double> weights = {});

/// @throws Error(kInvalidArgument) "<metric>: …" unless all are in [0, 1].
void check_probabilities(std::string_view metric,
                         std::span<const double> probabilities);

}  // namespace ensue::metrics
