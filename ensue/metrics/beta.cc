// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/beta.h"

#include <cmath>

namespace ensue::metrics {
namespace {

constexpr int kMostTerms = 10'000, kHalvings = 40;

double away_from_zero(double value) {
  constexpr double kTiny = 1e-300;
  return std::abs(value) < kTiny ? kTiny : value;
}

// 1 + d1 / (1 + d2 / (1 + …)), which converges fast for x below the mean.
double fraction(double x, double a, double b) {
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), out = d;
  for (int m = 1; m < kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    out *= c * d;
    const double odd =
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    out *= c * d;
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return out;
}

}  // namespace

double beta_probability(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
               a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * fraction(x, a, b) / a
                                   : 1 - front * fraction(1 - x, b, a) / b;
}

double beta_quantile(double p, double a, double b) {
  double low = 0, high = 1;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (beta_probability(middle, a, b) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace ensue::metrics
