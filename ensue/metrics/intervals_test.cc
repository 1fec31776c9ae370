// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/intervals.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"

namespace ensue::metrics {
namespace {

std::vector<double> normals(std::size_t users, double mean,
                            std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> out(users);
  for (double& x : out) x = mean + rng.normal();
  return out;
}

TEST(Bootstrap, OfAConstantIsThatConstant) {
  const Interval i = bootstrap(std::vector<double>(30, 0.5), 200, 1);
  EXPECT_DOUBLE_EQ(i.mean, 0.5);
  EXPECT_DOUBLE_EQ(i.low, 0.5);
  EXPECT_DOUBLE_EQ(i.high, 0.5);
}

TEST(Bootstrap, HasTheWidthOfTheNormalTheory) {
  const auto values = normals(400, 2, 3);
  double mean = 0, square = 0;
  for (const double v : values) mean += v / 400;
  for (const double v : values) square += (v - mean) * (v - mean) / 400;
  const double half = 1.96 * std::sqrt(square / 400);
  const Interval i = bootstrap(values, 4000, 1);
  EXPECT_NEAR(i.mean - i.low, half, 0.1 * half);
  EXPECT_NEAR(i.high - i.mean, half, 0.1 * half);
}

// Nominally 950 of 1000; percentile intervals of 100 users cover a bit less.
TEST(Bootstrap, CoversTheTrueMeanAboutAsOftenAsItSays) {
  int covered = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Interval i = bootstrap(normals(100, 1, seed), 300, seed);
    covered += i.low <= 1 && 1 <= i.high ? 1 : 0;
  }
  EXPECT_GE(covered, 915);
  EXPECT_LE(covered, 965);
}

TEST(Bootstrap, IsTheSameForAColumnAloneAndAmongOthers) {
  const auto a = normals(50, 0, 1), b = normals(50, 5, 2);
  const std::vector<std::span<const double>> both = {a, b};
  const auto together = bootstrap(both, 300, 9);
  EXPECT_EQ(bootstrap(a, 300, 9).low, together[0].low);
  EXPECT_EQ(bootstrap(b, 300, 9).high, together[1].high);
}

TEST(Bootstrap, DoesNotDependOnThreads) {
  const auto values = normals(200, 1, 4);
  set_threads(1);
  const Interval one = bootstrap(values, 500, 7);
  set_threads(3);
  const Interval three = bootstrap(values, 500, 7);
  set_threads(0);
  EXPECT_EQ(one.low, three.low);
  EXPECT_EQ(one.high, three.high);
}

TEST(Bootstrap, OfNobodyIsZeroAndWithoutReplicatesIsThePoint) {
  EXPECT_EQ(bootstrap(std::vector<double>{}, 100, 1).high, 0);
  const Interval i = bootstrap(std::vector<double>{1, 2}, 0, 1);
  EXPECT_EQ(i.low, 1.5);
  EXPECT_EQ(i.high, 1.5);
}

TEST(Bootstrap, RefusesColumnsOfDifferentLength) {
  const std::vector<double> a = {1, 2}, b = {1};
  const std::vector<std::span<const double>> columns = {a, b};
  EXPECT_THROW(bootstrap(columns, 10, 1), Error);
}

TEST(SignFlip, IsOneWithoutAnyDifference) {
  EXPECT_EQ(sign_flip_p_value(std::vector<double>(20, 0.0), 500, 1), 1);
}

TEST(SignFlip, OfEqualDifferencesCountsTheTwoExtremeFlips) {
  // Of 2^4 flips of (1, 1, 1, 1) two have |sum| = 4: p is near 1/8.
  EXPECT_NEAR(sign_flip_p_value(std::vector<double>(4, 1.0), 20000, 1), 0.125,
              0.01);
}

TEST(SignFlip, FindsAClearDifferenceAndDoesNotInventOne) {
  EXPECT_LT(sign_flip_p_value(normals(300, 0.5, 1), 2000, 1), 0.01);
  int rejected = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    rejected += sign_flip_p_value(normals(50, 0, seed), 400, seed) < 0.05;
  }
  EXPECT_LE(rejected, 20);  // 10 expected
}

TEST(SignFlip, DoesNotDependOnThreads) {
  const auto values = normals(150, 0.1, 4);
  set_threads(1);
  const double one = sign_flip_p_value(values, 1000, 7);
  set_threads(3);
  EXPECT_EQ(sign_flip_p_value(values, 1000, 7), one);
  set_threads(0);
}

TEST(BootstrapMetric, OfAWeightedMeanIsThatOfTheMean) {
  const auto values = normals(300, 1, 5);
  const auto mean = [&](std::span<const double> weights) {
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double weight = weights.empty() ? 1 : weights[i];
      sum += weight * values[i];
      total += weight;
    }
    return sum / total;
  };
  const Interval got = bootstrap_metric(values.size(), 500, 9, mean);
  const Interval expected = bootstrap(values, 500, 9);
  EXPECT_NEAR(got.mean, expected.mean, 1e-12);
  EXPECT_NEAR(got.low, expected.low, 1e-12);  // the same rows are drawn
  EXPECT_NEAR(got.high, expected.high, 1e-12);
}

TEST(BootstrapMetric, WithoutReplicatesIsTheValueAlone) {
  const Interval got =
      bootstrap_metric(3, 0, 1, [](std::span<const double>) { return 0.25; });
  EXPECT_EQ(got.low, 0.25);
  EXPECT_EQ(got.high, 0.25);
}

}  // namespace
}  // namespace ensue::metrics
