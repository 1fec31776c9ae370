// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/count_regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"

namespace ensue::classic {
namespace {

// Counts of mean exp(offset + 0.5 + x_0 / 2 - x_1) and size 2, drawn as
// Poisson numbers whose rate is a Gamma(2) one.
CountRows simulate(std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  CountRows out{.features = 2, .x = {}, .offsets = {}, .counts = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    const double a = 3 + rng.normal(), b = rng.uniform();
    out.x.insert(out.x.end(), {a, b});
    out.offsets.push_back(rng.normal() / 4 - 1);
    const double mean = std::exp(out.offsets.back() + 0.5 + a / 2 - b);
    const double rate = mean * (rng.exponential() + rng.exponential()) / 2;
    double count = 0;
    for (double t = rng.exponential(); t < rate; t += rng.exponential()) {
      ++count;
    }
    out.counts.push_back(count);
  }
  return out;
}

TEST(CountRegression, RecoversWhatTheCountsWereDrawnFrom) {
  const auto fit = fit_count_regression(simulate(40000, 1), /*ridge=*/0);
  EXPECT_NEAR(fit.weights[0] / fit.scales[0], 0.5, 0.02);
  EXPECT_NEAR(fit.weights[1] / fit.scales[1], -1, 0.05);
  const std::vector<double> x = {3, 0.5};
  EXPECT_NEAR(fit.mean(x, -1), std::exp(-1 + 0.5 + 1.5 - 0.5), 0.04);
  EXPECT_NEAR(fit.size_at(fit.mean(x, -1)), 2, 0.12);
}

TEST(CountRegression, HasTheTotalOfWhatItLearntFrom) {
  const CountRows rows = simulate(3000, 2);
  const auto fit = fit_count_regression(rows);
  double said = 0, happened = 0;
  for (std::size_t i = 0; i < rows.counts.size(); ++i) {
    said += fit.mean(rows.row(i), rows.offsets[i]);
    happened += rows.counts[i];
  }
  EXPECT_NEAR(said / happened, 1, 1e-9);
}

TEST(CountRegression, ShrinksWeightsWithTheRidge) {
  const CountRows rows = simulate(2000, 3);
  const auto loose = fit_count_regression(rows, 0);
  const auto tight = fit_count_regression(rows, 1e7);
  EXPECT_GT(std::abs(loose.weights[0]), 0.3);
  EXPECT_LT(std::abs(tight.weights[0]), 0.01);
}

TEST(CountRegression, IgnoresAColumnThatNeverChanges) {
  CountRows rows = simulate(500, 4);
  for (std::size_t i = 0; i < 500; ++i) rows.x[2 * i + 1] = 7;
  const auto fit = fit_count_regression(rows);
  EXPECT_NEAR(fit.mean(std::vector<double>{3, 7}),
              fit.mean(std::vector<double>{3, 9}), 1e-6);
}

TEST(CountRegression, DoesNotDependOnThreads) {
  const CountRows rows = simulate(20000, 5);
  const auto many = fit_count_regression(rows);
  set_threads(1);
  const auto one = fit_count_regression(rows);
  set_threads(0);
  EXPECT_EQ(many.weights, one.weights);
  EXPECT_EQ(many.size, one.size);
}

TEST(CountRegression, RefusesRowsThatDoNotFit) {
  EXPECT_THROW(fit_count_regression(
                   {.features = 1, .x = {1}, .offsets = {0, 0}, .counts = {1}}),
               Error);
  EXPECT_THROW(fit_count_regression(
                   {.features = 1, .x = {1}, .offsets = {0}, .counts = {-1}}),
               Error);
  EXPECT_THROW(fit_count_regression(
                   {.features = 1, .x = {1}, .offsets = {0}, .counts = {0}}),
               Error);
}

TEST(NegativeBinomial, HasItsMeanAndVariance) {
  const auto p = negative_binomial(3, 2);
  double total = 0, mean = 0, square = 0;
  for (std::size_t n = 0; n < p.size(); ++n) {
    const auto k = static_cast<double>(n);
    total += p[n];
    mean += k * p[n];
    square += k * k * p[n];
  }
  EXPECT_NEAR(total, 1, 1e-10);
  EXPECT_NEAR(mean, 3, 1e-9);
  EXPECT_NEAR(square - mean * mean, 3 + 9 / 2.0, 1e-8);
  EXPECT_NEAR(p[0], std::pow(2.0 / 5, 2), 1e-12);
}

TEST(PoissonDeviance, IsZeroForPerfectMeans) {
  const std::vector<double> counts = {1, 4};
  EXPECT_DOUBLE_EQ(poisson_deviance(counts, counts), 0);
  EXPECT_DOUBLE_EQ(
      poisson_deviance(std::vector<double>{2}, std::vector<double>{0}), 4);
}

}  // namespace
}  // namespace ensue::classic
