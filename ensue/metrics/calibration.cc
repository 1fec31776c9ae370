// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/calibration.h"

#include <algorithm>
#include <cmath>

#include "ensue/metrics/internal/rows.h"

namespace ensue::metrics {

using internal::weight_at;

void check_probabilities(std::string_view metric,
                         std::span<const double> probabilities) {
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    if (probabilities[i] >= 0 && probabilities[i] <= 1) continue;
    internal::refuse(metric, "row " + std::to_string(i) + " says " +
                                 std::to_string(probabilities[i]) +
                                 ", expected a probability in [0, 1]");
  }
}

std::vector<ReliabilityBin> reliability(std::span<const double> probabilities,
                                        std::span<const double> labels,
                                        std::size_t bins,
                                        std::span<const double> weights) {
  internal::check_rows("ece", probabilities, labels, weights);
  internal::check_binary("ece", labels);
  check_probabilities("ece", probabilities);
  if (bins == 0) internal::refuse("ece", "0 bins, expected at least 1");

  double total = 0, above = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    total += weight_at(weights, i);
  }
  std::vector<ReliabilityBin> all(bins);
  const auto order = internal::falling_order(probabilities);
  internal::each_tie(
      probabilities, order, [&](std::span<const std::uint32_t> rows) {
        double positive = 0, weight = 0;
        for (const auto row : rows) {
          weight += weight_at(weights, row);
          positive += weight_at(weights, row) * labels[row];
        }
        const double middle = 1 - (above + weight / 2) / total;
        const auto place = static_cast<std::size_t>(
            std::clamp(middle, 0.0, 1.0) * static_cast<double>(bins));
        ReliabilityBin& bin = all[std::min(place, bins - 1)];
        bin.predicted += weight * probabilities[rows[0]];
        bin.observed += positive;
        bin.weight += weight;
        above += weight;
      });
  std::erase_if(all, [](const ReliabilityBin& bin) { return bin.weight <= 0; });
  for (ReliabilityBin& bin : all) {
    bin.predicted /= bin.weight;
    bin.observed /= bin.weight;
  }
  return all;
}

double ece(std::span<const double> probabilities,
           std::span<const double> labels, std::size_t bins,
           std::span<const double> weights) {
  double sum = 0, total = 0;
  for (const auto& bin : reliability(probabilities, labels, bins, weights)) {
    sum += bin.weight * std::abs(bin.predicted - bin.observed);
    total += bin.weight;
  }
  return sum / total;
}

}  // namespace ensue::metrics
