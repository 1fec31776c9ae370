// SPDX-License-Identifier: Apache-2.0
// How sure a mean over users is, and whether two models differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ensue::metrics {

struct Interval {
  double mean = 0, low = 0, high = 0;  // bootstrap over users, 95 %
};

/// Percentile bootstrap of a metric that is no mean (auc, qini, …): `mean` is
/// its value on all rows, the bounds come from rows drawn with replacement,
/// which the metric is told as weights (how often each was drawn, none: once
/// each). Replicate b draws from Rng(seed, b); all threads work, so `metric`
/// must be callable from several. What it throws for a draw is thrown here.
/// @param replicates  0: low = high = mean.
Interval bootstrap_metric(
    std::size_t rows, int replicates, std::uint64_t seed,
    const std::function<double(std::span<const double> weights)>& metric);

/// Percentile bootstrap of the mean of each column, the same resampled users
/// for all columns. Replicate b draws from Rng(seed, b), so the result does
/// not depend on threads. O(replicates * users * columns).
/// @param columns  Each [users]; no users: zeros.
/// @param replicates  0: low = high = mean.
/// @throws Error(kInvalidArgument) when columns differ in length.
std::vector<Interval> bootstrap(
    std::span<const std::span<const double>> columns, int replicates,
    std::uint64_t seed);

/// The same for one column.
Interval bootstrap(std::span<const double> values, int replicates,
                   std::uint64_t seed);

/// Two-sided paired permutation test of "the mean difference is zero": the
/// share of random sign flips of the differences whose mean is at least as far
/// from zero as theirs, (1 + count) / (1 + replicates). 1 when all are zero.
double sign_flip_p_value(std::span<const double> differences, int replicates,
                         std::uint64_t seed);

}  // namespace ensue::metrics
