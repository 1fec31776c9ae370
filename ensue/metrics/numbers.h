// SPDX-License-Identifier: Apache-2.0
// Judging answers that are numbers.
#pragma once

#include <cstddef>
#include <span>

namespace ensue::metrics {

// Weights are per row, none means 1 each. All take O(n) and throw
// Error(kInvalidArgument) in one line for no rows, lengths that differ, a
// number that is not finite, weights that sum to 0.

/// Mean |predicted - truth|; with weights the wmae of sales competitions.
double mae(std::span<const double> predicted, std::span<const double> truth,
           std::span<const double> weights = {});

/// Root of the mean squared error.
double rmse(std::span<const double> predicted, std::span<const double> truth,
            std::span<const double> weights = {});

/// sum |predicted - truth| / sum |truth|.
/// @throws Error(kInvalidArgument) also when every truth is 0.
double wape(std::span<const double> predicted, std::span<const double> truth,
            std::span<const double> weights = {});

/// Mean loss of an answer that should be exceeded with chance 1 - quantile:
/// quantile * (truth - predicted) when it is, else the rest times the excess.
/// @param quantile  in (0, 1).
double pinball(double quantile, std::span<const double> predicted,
               std::span<const double> truth,
               std::span<const double> weights = {});

/// Errors of the answer "as `season` steps ago" within a series, the measure
/// that mase and rmsse divide by.
struct NaiveErrors {
  double mean = 0;  // mean |y[t] - y[t - season]|
  double root = 0;  // root of its mean square
};
/// @throws Error(kInvalidArgument) when the series is not longer than the
///   season, or equals itself a season ago everywhere.
NaiveErrors naive_errors(std::span<const double> series,
                         std::size_t season = 1);

/// mae over naive_errors(training series).mean: below 1 is better than naive
/// (Hyndman & Koehler 2006, 10.1016/j.ijforecast.2006.03.001).
double mase(std::span<const double> predicted, std::span<const double> truth,
            const NaiveErrors& naive);

/// rmse over naive_errors(training series).root (M5).
double rmsse(std::span<const double> predicted, std::span<const double> truth,
             const NaiveErrors& naive);

}  // namespace ensue::metrics
