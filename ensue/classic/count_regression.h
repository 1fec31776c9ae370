// SPDX-License-Identifier: Apache-2.0
// How many times something will happen, from numbers about a case.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace ensue::classic {

/// Negative binomial with a log-linear mean:
///   log mean = offset + intercept + sum_i weight_i z_i,
///   z_i = (x_i - centre_i) / scale_i,
///   variance = mean + mean^2 / size,  log size = size_0 + size_1 log mean.
struct CountRegression {
  double intercept = 0;
  std::vector<double> weights, centres, scales;  // by feature
  std::array<double, 2> size{};

  /// z of one feature.
  double standard(std::size_t feature, double x) const;
  /// @param x  [features].
  double mean(std::span<const double> x, double offset = 0) const;
  /// Infinite values never come out: within e^+-8.
  double size_at(double mean) const;
};

/// Rows of numbers, what happened to each, and what is known of its logarithm.
struct CountRows {
  std::size_t features = 0;
  std::vector<double> x;        // [rows, features]
  std::vector<double> offsets;  // [rows]
  std::vector<double> counts;   // [rows]

  std::span<const double> row(std::size_t i) const {
    return std::span(x).subspan(i * features, features);
  }
};

/// The mean by maximum Poisson likelihood (which stays right where the
/// variance is larger; Gourieroux et al. 1984) with a penalty of
/// ridge / 2 * weight^2 on standardised features, by Newton's method; then
/// size by maximum negative binomial likelihood. O(rows * features^2) a step.
/// @throws Error(kInvalidArgument) when sizes differ, a count is negative, or
///   nothing ever happens.
CountRegression fit_count_regression(const CountRows& rows, double ridge = 10);

/// P(0), P(1), … of a negative binomial, until less than 1e-12 remains, at
/// most 10,000 of them.
std::vector<double> negative_binomial(double mean, double size);

/// Mean Poisson deviance of means against counts: 0 for perfect ones.
double poisson_deviance(std::span<const double> means,
                        std::span<const double> counts);

}  // namespace ensue::classic
