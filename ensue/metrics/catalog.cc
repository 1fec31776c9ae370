// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/catalog.h"

#include "ensue/metrics/logloss.h"

namespace ensue::metrics {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

MetricEntry ranked(std::string_view name, std::string_view summary,
                   double (*function)(const Outcome&, int)) {
  return {name, summary, Needs::kRanks, 0, 1, true, function, nullptr};
}

MetricEntry listed(std::string_view name, std::string_view summary, double high,
                   bool higher_is_better,
                   double (*function)(const TopLists&, int)) {
  return {name, summary,          Needs::kLists, 0,
          high, higher_is_better, nullptr,       function};
}

}  // namespace

const Catalog<MetricEntry>& metrics() {
  static const Catalog<MetricEntry> list(
      "metric",
      {
          ranked("hit", "a target stands within the first k", hit),
          ranked("recall", "share of the targets within the first k", recall),
          ranked("ndcg", "targets within k, discounted by log2 rank", ndcg),
          ranked("mrr", "1 / rank of the best target, 0 beyond k", mrr),
          ranked("map", "mean precision at each target within k", map),
          ranked("precision", "targets among the first k, over k", precision),
          {"logloss", "-log p(target), nats", Needs::kLosses, 0, kWorstLoss,
           false, logloss, nullptr},
          listed("coverage", "share of items in some list", 1, true, coverage),
          listed("gini", "inequality of how often items show", 1, false, gini),
          listed("novelty", "mean -log2 share of users with the item, bits",
                 kUnbounded, true, novelty),
      });
  return list;
}

std::string MetricEntry::label(int k) const {
  std::string out(name);
  return has_cutoff() ? out + "@" + std::to_string(k) : out;
}

const MetricEntry& metric_of(std::string_view label) {
  return metrics().find(label.substr(0, label.find('@')));
}

}  // namespace ensue::metrics
