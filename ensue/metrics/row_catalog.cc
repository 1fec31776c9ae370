// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/row_catalog.h"

#include <limits>
#include <vector>

#include "ensue/metrics/binary.h"
#include "ensue/metrics/classes.h"
#include "ensue/metrics/clusters.h"
#include "ensue/metrics/internal/rows.h"
#include "ensue/metrics/logloss.h"
#include "ensue/metrics/numbers.h"
#include "ensue/metrics/uplift.h"

namespace ensue::metrics {
namespace {

constexpr double kOpen = std::numeric_limits<double>::infinity();

Confusion at_half(const Rows& rows) {
  return confusion_at(0.5, rows.answers, rows.labels, rows.weights);
}

Experiment experiment(const Rows& rows) {
  return {rows.answers, rows.labels, rows.treated, rows.weights};
}

std::vector<std::uint32_t> whole(std::span<const double> numbers) {
  std::vector<std::uint32_t> out;
  out.reserve(numbers.size());
  for (const double number : numbers) {
    if (!(number >= 0 && number < 1e9)) {
      internal::refuse("classes", "class " + std::to_string(number) +
                                      ", expected a number from 0");
    }
    out.push_back(static_cast<std::uint32_t>(number));
  }
  return out;
}

using Binary = double(std::span<const double>, std::span<const double>,
                      std::span<const double>);

template <Binary* kMetric>
double plain(const Rows& rows) {
  return kMetric(rows.answers, rows.labels, rows.weights);
}

}  // namespace

const Catalog<RowMetricEntry>& row_metrics() {
  using enum RowNeeds;
  static const Catalog<RowMetricEntry> list(
      "metric of rows",
      {
          {"auc", "chance that a positive scores above a negative", kScores, 0,
           1, true, plain<auc>},
          {"ap", "precision, averaged over recall", kScores, 0, 1, true,
           plain<average_precision>},
          {"logloss", "-log p(label), nats", kProbabilities, 0, kWorstLoss,
           false, plain<logloss_of>},
          {"brier", "squared distance of the probability from the label",
           kProbabilities, 0, 1, false, plain<brier>},
          {"ece", "|said - observed| over 10 bins of equal counts",
           kProbabilities, 0, 1, false,
           [](const Rows& rows) {
             return ece(rows.answers, rows.labels, 10, rows.weights);
           }},
          {"accuracy", "share said right, yes from 0.5 on", kProbabilities, 0,
           1, true, [](const Rows& rows) { return at_half(rows).accuracy(); }},
          {"precision", "positives among those said yes to from 0.5 on",
           kProbabilities, 0, 1, true,
           [](const Rows& rows) { return at_half(rows).precision(); }},
          {"recall", "positives said yes to, from 0.5 on", kProbabilities, 0, 1,
           true, [](const Rows& rows) { return at_half(rows).recall(); }},
          {"f1", "harmonic mean of precision and recall", kProbabilities, 0, 1,
           true, [](const Rows& rows) { return at_half(rows).f1(); }},
          {"macro_f1", "f1 of each class, averaged over classes", kClasses, 0,
           1, true,
           [](const Rows& rows) {
             return macro_f1(whole(rows.answers), whole(rows.labels));
           }},
          {"ari", "agreement of two groupings, corrected for chance", kClasses,
           -1, 1, true,
           [](const Rows& rows) {
             return adjusted_rand(whole(rows.answers), whole(rows.labels));
           }},
          {"mae", "mean |error|", kNumbers, 0, kOpen, false, plain<mae>},
          {"wmae", "mean |error|, weighted", kNumbers, 0, kOpen, false,
           plain<mae>},
          {"rmse", "root of the mean squared error", kNumbers, 0, kOpen, false,
           plain<rmse>},
          {"wape", "sum |error| over sum |truth|", kNumbers, 0, kOpen, false,
           plain<wape>},
          {"qini", "height of the Qini curve over random, per treated",
           kExperiment, -kOpen, kOpen, true,
           [](const Rows& rows) { return qini(experiment(rows)); }},
          {"auuc", "mean height of the uplift curve", kExperiment, -kOpen,
           kOpen, true,
           [](const Rows& rows) { return auuc(experiment(rows)); }},
          {"uplift@30", "effect among the best 30 %", kExperiment, -kOpen,
           kOpen, true,
           [](const Rows& rows) { return uplift_at(0.3, experiment(rows)); }},
      });
  return list;
}

}  // namespace ensue::metrics
