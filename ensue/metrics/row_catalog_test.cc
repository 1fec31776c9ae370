// SPDX-License-Identifier: Apache-2.0
// Facts that hold for every metric of rows.
#include "ensue/metrics/row_catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

struct Random {
  Random(RowNeeds needs, std::uint64_t seed) {
    Rng rng(seed);
    const bool classes = needs == RowNeeds::kClasses;
    for (int i = 0; i < 40; ++i) {
      answers.push_back(classes ? static_cast<double>(rng.below(4))
                                : static_cast<double>(rng.below(21)) / 20);
      labels.push_back(static_cast<double>(rng.below(2)));
      treated.push_back(static_cast<std::uint8_t>(rng.below(2)));
    }
  }
  Rows rows() const { return {answers, labels, {}, treated}; }
  void reverse() {
    std::ranges::reverse(answers);
    std::ranges::reverse(labels);
    std::ranges::reverse(treated);
  }

  std::vector<double> answers, labels;
  std::vector<std::uint8_t> treated;
};

TEST(EveryRowMetric, StaysInItsBounds) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const RowMetricEntry& metric : row_metrics().all()) {
      const double v = metric.of_rows(Random(metric.needs, seed).rows());
      EXPECT_GE(v, metric.low) << metric.name << " seed " << seed;
      EXPECT_LE(v, metric.high) << metric.name << " seed " << seed;
    }
  }
}

TEST(EveryRowMetric, DoesNotDependOnTheOrderOfRows) {
  for (const RowMetricEntry& metric : row_metrics().all()) {
    Random random(metric.needs, 7);
    const double before = metric.of_rows(random.rows());
    random.reverse();
    EXPECT_NEAR(metric.of_rows(random.rows()), before, 1e-12) << metric.name;
  }
}

TEST(EveryRowMetric, ReachesItsBestValueOnPerfectAnswers) {
  const std::vector<double> truth = {0, 1, 1, 0, 1};
  for (const RowMetricEntry& metric : row_metrics().all()) {
    if (metric.needs == RowNeeds::kExperiment) continue;  // none is known
    const double best = metric.higher_is_better ? metric.high : metric.low;
    EXPECT_DOUBLE_EQ(metric.of_rows({truth, truth}), best) << metric.name;
  }
}

TEST(EveryRowMetric, RefusesNoRows) {
  for (const RowMetricEntry& metric : row_metrics().all()) {
    EXPECT_THROW(metric.of_rows({}), Error) << metric.name;
  }
}

TEST(EveryRowMetric, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const RowMetricEntry& metric : row_metrics().all()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
  }
}

}  // namespace
}  // namespace ensue::metrics
