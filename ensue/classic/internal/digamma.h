// SPDX-License-Identifier: Apache-2.0
// The derivative of log gamma.
#pragma once

#include <cmath>

namespace ensue::classic {

/// For x > 0, to about 1e-14 of max(1, |result|): the recurrence
/// digamma(x) = digamma(x + 1) - 1 / x up to 10, then the asymptotic series of
/// Bernoulli numbers (Abramowitz & Stegun 6.3.18).
inline double digamma(double x) noexcept {
  double out = 0;
  for (; x < 10; ++x) out -= 1 / x;
  const double y = 1 / (x * x);
  const double series =
      y * (1.0 / 12 -
           y * (1.0 / 120 -
                y * (1.0 / 252 -
                     y * (1.0 / 240 - y * (1.0 / 132 - y * 691.0 / 32760)))));
  return out + std::log(x) - 0.5 / x - series;
}

}  // namespace ensue::classic
