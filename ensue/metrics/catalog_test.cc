// SPDX-License-Identifier: Apache-2.0
// Facts that hold for every metric of the list.
#include "ensue/metrics/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/metrics/logloss.h"

namespace ensue::metrics {
namespace {

constexpr int kCut = 5;

double value(const MetricEntry& metric, const Outcome& outcome,
             const TopLists& lists, int k) {
  return metric.needs == Needs::kLists ? metric.of_lists(lists, k)
                                       : metric.of_outcome(outcome, k);
}

struct Random {
  explicit Random(std::uint64_t seed) {
    Rng rng(seed);
    std::set<double> distinct;
    for (std::size_t n = 1 + rng.below(8); distinct.size() < n;) {
      distinct.insert(static_cast<double>(1 + rng.below(30)));
    }
    ranks.assign(distinct.begin(), distinct.end());
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      losses.push_back(rng.uniform() * kWorstLoss);
    }
    for (int i = 0; i < 60; ++i) {
      places.push_back(static_cast<std::uint32_t>(rng.below(30)));
    }
    for (int i = 0; i < 30; ++i) {
      users_of_item.push_back(static_cast<std::uint32_t>(rng.below(101)));
    }
  }
  Outcome outcome() const { return {ranks, losses}; }
  TopLists lists() const { return {30, 6, places, users_of_item, 100}; }

  std::vector<double> ranks, losses;
  std::vector<std::uint32_t> places, users_of_item;
};

TEST(EveryMetric, HasExactlyTheFunctionThatItNeeds) {
  for (const MetricEntry& metric : metrics().all()) {
    const bool lists = metric.needs == Needs::kLists;
    EXPECT_EQ(metric.of_lists != nullptr, lists) << metric.name;
    EXPECT_EQ(metric.of_outcome != nullptr, !lists) << metric.name;
  }
}

TEST(EveryMetric, StaysInItsBounds) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Random random(seed);
    for (const MetricEntry& metric : metrics().all()) {
      for (const int k : {1, 3, 20}) {
        const double v = value(metric, random.outcome(), random.lists(), k);
        EXPECT_GE(v, metric.low) << metric.label(k) << " seed " << seed;
        EXPECT_LE(v, metric.high) << metric.label(k) << " seed " << seed;
      }
    }
  }
}

TEST(EveryMetric, IsZeroWithoutQuestions) {
  for (const MetricEntry& metric : metrics().all()) {
    EXPECT_EQ(value(metric, {}, {}, kCut), 0) << metric.name;
    EXPECT_EQ(value(metric, {}, {.items = 3, .width = kCut}, kCut), 0)
        << metric.name;
  }
}

// k targets on the first k ranks with certainty; every item shown once, each
// known to one user of many.
TEST(EveryMetric, ReachesItsBestValueOnPerfectAnswers) {
  const std::vector<double> ranks = {1, 2, 3, 4, 5}, losses(5, 0.0);
  const std::vector<std::uint32_t> places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<std::uint32_t> users_of_item(10, 1);
  const TopLists lists = {10, kCut, places, users_of_item, 64};
  for (const MetricEntry& metric : metrics().all()) {
    const double best = std::isinf(metric.high)   ? 6  // log2(64)
                        : metric.higher_is_better ? metric.high
                                                  : metric.low;
    EXPECT_DOUBLE_EQ(value(metric, {ranks, losses}, lists, kCut), best)
        << metric.name;
  }
}

TEST(EveryMetric, OfRanksNeverFallsWhenATargetRises) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    std::vector<double> better = random.ranks;
    if (better.front() == 1) continue;
    better.front() -= 1;
    for (const MetricEntry& metric : metrics().all()) {
      if (metric.needs != Needs::kRanks) continue;
      EXPECT_GE(metric.of_outcome({better, {}}, kCut),
                metric.of_outcome({random.ranks, {}}, kCut))
          << metric.name << " seed " << seed;
    }
  }
}

TEST(Metrics, AreFoundByTheirLabels) {
  EXPECT_EQ(metric_of("ndcg@10").name, "ndcg");
  EXPECT_EQ(metric_of("logloss").label(10), "logloss");
  EXPECT_EQ(metric_of("hit").label(20), "hit@20");
  EXPECT_ANY_THROW(metric_of("luck@10"));
}

}  // namespace
}  // namespace ensue::metrics
