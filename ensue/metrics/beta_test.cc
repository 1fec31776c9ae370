// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/beta.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ensue::metrics {
namespace {

// The area below the density, by a sum of many small steps.
double summed(double x, double a, double b) {
  constexpr int kSteps = 200'000;
  const double log_norm = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b);
  double out = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double t = x * (i + 0.5) / kSteps;
    out +=
        std::exp(log_norm + (a - 1) * std::log(t) + (b - 1) * std::log1p(-t));
  }
  return out * x / kSteps;
}

TEST(Beta, IsTheAreaBelowTheDensity) {
  for (const auto& [a, b] : {std::pair{8.0, 2.0}, {2.5, 7.0}, {40.0, 60.0}}) {
    for (const double x : {0.05, 0.3, 0.5, 0.9}) {
      EXPECT_NEAR(beta_probability(x, a, b), summed(x, a, b), 1e-8)
          << a << " " << b << " " << x;
    }
  }
}

TEST(Beta, IsAPowerWhereOneSideIsOne) {
  EXPECT_NEAR(beta_probability(0.3, 5, 1), std::pow(0.3, 5), 1e-14);
  EXPECT_NEAR(beta_probability(0.3, 1, 0.5), 1 - std::sqrt(0.7), 1e-14);
  EXPECT_EQ(beta_probability(0, 2, 3), 0);
  EXPECT_EQ(beta_probability(1, 2, 3), 1);
}

TEST(Beta, QuantilesTurnProbabilitiesBack) {
  for (const auto& [a, b] :
       {std::pair{0.3, 5.2}, {8.0, 2.0}, {1500.0, 1400.0}, {1.0, 1e5}}) {
    for (const double p : {0.025, 0.5, 0.975}) {
      EXPECT_NEAR(beta_probability(beta_quantile(p, a, b), a, b), p, 1e-6)
          << a << " " << b << " " << p;
    }
  }
  EXPECT_NEAR(beta_quantile(0.5, 7, 7), 0.5, 1e-12);
  EXPECT_NEAR(beta_quantile(0.25, 1, 1), 0.25, 1e-12);
}

}  // namespace
}  // namespace ensue::metrics
