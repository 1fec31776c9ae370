// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/internal/rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ensue/base/error.h"

namespace ensue::metrics::internal {
namespace {

void check_finite(std::string_view metric, std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    refuse(metric, "row " + std::to_string(i) + " is " +
                       std::to_string(values[i]) + ", expected a number");
  }
}

void check_weights(std::string_view metric, std::span<const double> weights) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0)) {
      refuse(metric, "weight " + std::to_string(i) + " is " +
                         std::to_string(weights[i]) + ", expected 0 or more");
    }
    sum += weights[i];
  }
  if (!weights.empty() && sum <= 0) refuse(metric, "all weights are 0");
}

}  // namespace

void refuse(std::string_view metric, const std::string& message) {
  invalid(std::string(metric) + ": " + message);
}

void check_rows(std::string_view metric, std::span<const double> left,
                std::span<const double> right,
                std::span<const double> weights) {
  if (left.size() != right.size() ||
      (!weights.empty() && weights.size() != left.size())) {
    refuse(metric, std::to_string(left.size()) + " answers, " +
                       std::to_string(right.size()) + " labels and " +
                       std::to_string(weights.size()) +
                       " weights, expected as many of each");
  }
  if (left.empty()) refuse(metric, "no rows to judge");
  check_finite(metric, left);
  check_finite(metric, right);
  check_finite(metric, weights);
  check_weights(metric, weights);
}

void check_binary(std::string_view metric, std::span<const double> labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == 0 || labels[i] == 1) continue;
    refuse(metric, "label " + std::to_string(i) + " is " +
                       std::to_string(labels[i]) + ", expected 0 or 1");
  }
}

std::vector<std::uint32_t> falling_order(std::span<const double> scores) {
  std::vector<std::uint32_t> out(scores.size());
  std::iota(out.begin(), out.end(), 0U);
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  return out;
}

}  // namespace ensue::metrics::internal
