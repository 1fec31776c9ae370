// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/classes.h"

#include <algorithm>
#include <cmath>

#include "ensue/metrics/calibration.h"
#include "ensue/metrics/internal/rows.h"
#include "ensue/metrics/logloss.h"

namespace ensue::metrics {
namespace {

void check(std::string_view metric, std::size_t answers, std::size_t labels) {
  if (answers != labels) {
    internal::refuse(metric, std::to_string(answers) + " answers and " +
                                 std::to_string(labels) +
                                 " labels, expected as many of each");
  }
  if (labels == 0) internal::refuse(metric, "no rows to judge");
}

}  // namespace

double class_accuracy(std::span<const std::uint32_t> predicted,
                      std::span<const std::uint32_t> truth) {
  check("accuracy", predicted.size(), truth.size());
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    right += predicted[i] == truth[i] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(truth.size());
}

double macro_f1(std::span<const std::uint32_t> predicted,
                std::span<const std::uint32_t> truth) {
  check("macro_f1", predicted.size(), truth.size());
  const std::size_t classes = 1 + std::max(*std::ranges::max_element(predicted),
                                           *std::ranges::max_element(truth));
  std::vector<double> named(classes), real(classes), both(classes);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++named[predicted[i]];
    ++real[truth[i]];
    if (predicted[i] == truth[i]) ++both[truth[i]];
  }
  double sum = 0, occurring = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    if (named[c] + real[c] == 0) continue;
    sum += 2 * both[c] / (named[c] + real[c]);
    ++occurring;
  }
  return sum / occurring;
}

double class_logloss(std::span<const double> probabilities, std::size_t classes,
                     std::span<const std::uint32_t> truth) {
  const std::size_t rows = classes == 0 ? 0 : probabilities.size() / classes;
  check("logloss", rows, truth.size());
  check_probabilities("logloss", probabilities);
  double sum = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (truth[i] >= classes) {
      internal::refuse("logloss", "row " + std::to_string(i) + " is of class " +
                                      std::to_string(truth[i]) + " of " +
                                      std::to_string(classes));
    }
    const double p = probabilities[i * classes + truth[i]];
    sum += std::min(-std::log(p), kWorstLoss);
  }
  return sum / static_cast<double>(rows);
}

std::vector<std::uint32_t> most_probable(std::span<const double> probabilities,
                                         std::size_t classes) {
  if (classes == 0 || probabilities.size() % classes != 0) {
    internal::refuse("most_probable", std::to_string(probabilities.size()) +
                                          " probabilities of " +
                                          std::to_string(classes) + " classes");
  }
  std::vector<std::uint32_t> out(probabilities.size() / classes);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto row = probabilities.subspan(i * classes, classes);
    out[i] =
        static_cast<std::uint32_t>(std::ranges::max_element(row) - row.begin());
  }
  return out;
}

}  // namespace ensue::metrics
