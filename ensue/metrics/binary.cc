// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/binary.h"

#include <algorithm>
#include <cmath>

#include "ensue/metrics/internal/rows.h"
#include "ensue/metrics/logloss.h"

namespace ensue::metrics {
namespace {

using internal::weight_at;

struct Totals {
  double positive = 0, negative = 0;

  void add(double label, double weight) {
    (label == 1 ? positive : negative) += weight;
  }
};

void check(std::string_view metric, std::span<const double> scores,
           std::span<const double> labels, std::span<const double> weights) {
  internal::check_rows(metric, scores, labels, weights);
  internal::check_binary(metric, labels);
}

Totals totals_of(std::span<const double> labels,
                 std::span<const double> weights) {
  Totals out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    out.add(labels[i], weight_at(weights, i));
  }
  return out;
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

// Mean of a loss over rows whose answers are probabilities.
template <class Loss>
double mean_loss(std::string_view metric, std::span<const double> answers,
                 std::span<const double> labels,
                 std::span<const double> weights, const Loss& loss) {
  check(metric, answers, labels, weights);
  check_probabilities(metric, answers);
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    sum += weight_at(weights, i) * loss(answers[i], labels[i]);
    total += weight_at(weights, i);
  }
  return sum / total;
}

}  // namespace

double auc(std::span<const double> scores, std::span<const double> labels,
           std::span<const double> weights) {
  check("auc", scores, labels, weights);
  const Totals all = totals_of(labels, weights);
  if (all.positive <= 0 || all.negative <= 0) {
    internal::refuse("auc", "all labels are " +
                                std::to_string(all.positive > 0 ? 1 : 0) +
                                ", expected both 0 and 1");
  }
  double above = 0, wins = 0;  // positives seen; pairs won
  const auto order = internal::falling_order(scores);
  internal::each_tie(scores, order, [&](std::span<const std::uint32_t> rows) {
    Totals tie;
    for (const auto row : rows) tie.add(labels[row], weight_at(weights, row));
    wins += tie.negative * (above + tie.positive / 2);
    above += tie.positive;
  });
  return wins / (all.positive * all.negative);
}

double average_precision(std::span<const double> scores,
                         std::span<const double> labels,
                         std::span<const double> weights) {
  check("ap", scores, labels, weights);
  const Totals all = totals_of(labels, weights);
  if (all.positive <= 0) {
    internal::refuse("ap", "all labels are 0, expected a 1");
  }
  double out = 0;
  Totals seen;
  const auto order = internal::falling_order(scores);
  internal::each_tie(scores, order, [&](std::span<const std::uint32_t> rows) {
    const double before = seen.positive;
    for (const auto row : rows) seen.add(labels[row], weight_at(weights, row));
    out += (seen.positive - before) / all.positive *
           share(seen.positive, seen.positive + seen.negative);
  });
  return out;
}

double brier(std::span<const double> probabilities,
             std::span<const double> labels, std::span<const double> weights) {
  return mean_loss("brier", probabilities, labels, weights,
                   [](double p, double y) { return (p - y) * (p - y); });
}

double logloss_of(std::span<const double> probabilities,
                  std::span<const double> labels,
                  std::span<const double> weights) {
  return mean_loss(
      "logloss", probabilities, labels, weights, [](double p, double y) {
        const double loss = y == 1 ? -std::log(p) : -std::log1p(-p);
        return std::clamp(loss, 0.0, kWorstLoss);
      });
}

double Confusion::accuracy() const noexcept {
  const double right = true_positive + true_negative;
  return share(right, right + false_positive + false_negative);
}

double Confusion::precision() const noexcept {
  return share(true_positive, true_positive + false_positive);
}

double Confusion::recall() const noexcept {
  return share(true_positive, true_positive + false_negative);
}

double Confusion::f1() const noexcept {
  return share(2 * true_positive,
               2 * true_positive + false_positive + false_negative);
}

Confusion confusion_at(double threshold, std::span<const double> scores,
                       std::span<const double> labels,
                       std::span<const double> weights) {
  check("confusion", scores, labels, weights);
  Confusion out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool yes = scores[i] >= threshold, positive = labels[i] == 1;
    double& cell = yes ? (positive ? out.true_positive : out.false_positive)
                       : (positive ? out.false_negative : out.true_negative);
    cell += weight_at(weights, i);
  }
  return out;
}

}  // namespace ensue::metrics
