// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/ranking.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ensue::metrics {
namespace {

// Targets within the first k: ranks rise, so they lead the list.
std::span<const double> found(const Outcome& outcome, int k) {
  const auto end =
      std::upper_bound(outcome.ranks.begin(), outcome.ranks.end(), k);
  return {outcome.ranks.begin(), end};
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

double most_found(const Outcome& outcome, int k) {
  return std::min(static_cast<double>(outcome.ranks.size()),
                  static_cast<double>(k));
}

double gain(double rank) { return 1 / std::log2(rank + 1); }

}  // namespace

double hit(const Outcome& outcome, int k) {
  return found(outcome, k).empty() ? 0 : 1;
}

double recall(const Outcome& outcome, int k) {
  return share(static_cast<double>(found(outcome, k).size()),
               static_cast<double>(outcome.ranks.size()));
}

double precision(const Outcome& outcome, int k) {
  return share(static_cast<double>(found(outcome, k).size()), k);
}

double mrr(const Outcome& outcome, int k) {
  const auto ranks = found(outcome, k);
  return ranks.empty() ? 0 : 1 / ranks.front();
}

double map(const Outcome& outcome, int k) {
  double sum = 0, place = 0;
  for (const double rank : found(outcome, k)) sum += ++place / rank;
  return share(sum, most_found(outcome, k));
}

double ndcg(const Outcome& outcome, int k) {
  double sum = 0, best = 0;
  for (const double rank : found(outcome, k)) sum += gain(rank);
  const double places = most_found(outcome, k);
  for (double place = 1; place <= places; ++place) best += gain(place);
  return share(sum, best);
}

}  // namespace ensue::metrics
