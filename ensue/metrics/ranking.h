// SPDX-License-Identifier: Apache-2.0
// Measures of one question from the ranks of its targets.
#pragma once

#include <span>

namespace ensue::metrics {

/// What a model answered to one question. An unanswerable target has an
/// infinite rank: it is never found, and stays in every denominator.
struct Outcome {
  std::span<const double> ranks;   // of the targets, rising, 1 is best
  std::span<const double> losses;  // -log p(target), nats, any order
};

// Each is in [0, 1] and 0 when there are no targets. Definitions as RecBole
// prints them; n targets, r a rank, log to base 2.

/// 1 when a target stands within the first k.
double hit(const Outcome& outcome, int k);
/// Targets within the first k, divided by n.
double recall(const Outcome& outcome, int k);
/// Targets within the first k, divided by k.
double precision(const Outcome& outcome, int k);
/// 1 / r of the best target, 0 beyond k.
double mrr(const Outcome& outcome, int k);
/// Sum of (j / r_j) over the targets within k, r_j the j-th best rank, divided
/// by min(n, k).
double map(const Outcome& outcome, int k);
/// Sum of 1 / log(r + 1) within k, divided by what the best order of the
/// targets gives: the sum of 1 / log(j + 1) for j = 1 … min(n, k).
/// Source: Järvelin & Kekäläinen 2002, binary gains.
double ndcg(const Outcome& outcome, int k);

}  // namespace ensue::metrics
