// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/silu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

std::vector<float> random(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(size);
  for (float& x : out) x = static_cast<float>(4 * rng.normal());
  return out;
}

double silu(double x) { return x / (1 + std::exp(-x)); }

double silu_slope(double x) {
  const double s = 1 / (1 + std::exp(-x));
  return s + x * s * (1 - s);
}

TEST(SiluRow, IsTheScaledValueOfXPlusBias) {
  on_every_level([] {
    for (std::size_t size = 0; size < 40; ++size) {
      const auto x = random(size, 1), bias = random(size, 2);
      auto with = x, without = x;
      silu_row(with.data(), bias.data(), 0.25F, size);
      silu_row(without.data(), nullptr, 1, size);
      for (std::size_t i = 0; i < size; ++i) {
        EXPECT_NEAR(with[i], 0.25 * silu(double{x[i]} + double{bias[i]}), 2e-6);
        EXPECT_NEAR(without[i], silu(double{x[i]}), 2e-6);
      }
    }
  });
}

TEST(SiluRow, VanishesFarBelowZeroAndIsTheIdentityFarAbove) {
  on_every_level([] {
    std::vector<float> x = {-1000, -90, 0, 90, 1000};
    silu_row(x.data(), nullptr, 1, x.size());
    EXPECT_NEAR(x[0], 0, 1e-30);
    EXPECT_NEAR(x[1], 0, 1e-30);
    EXPECT_EQ(x[2], 0);
    EXPECT_EQ(x[3], 90);
    EXPECT_EQ(x[4], 1000);
  });
}

TEST(SiluRow, ANumberHasTheSameBitsWhereverItStands) {
  on_every_level([] {
    const auto x = random(37, 3);
    auto row = x;
    silu_row(row.data(), nullptr, 0.5F, row.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      float alone = x[i];
      silu_row(&alone, nullptr, 0.5F, 1);
      EXPECT_EQ(std::memcmp(&alone, &row[i], sizeof alone), 0) << i;
    }
  });
}

TEST(SiluBack, GivesTheValueAndItsSlope) {
  on_every_level([] {
    const std::size_t size = 37;
    const auto x = random(size, 1), bias = random(size, 2);
    const auto grad = random(size, 3);
    auto value = x, expected = x, slope = grad;
    silu_row(expected.data(), bias.data(), 0.25F, size);
    silu_back(value.data(), bias.data(), 0.25F, slope.data(), size);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_EQ(value[i], expected[i]);
      const double z = double{x[i]} + double{bias[i]};
      EXPECT_NEAR(slope[i], 0.25 * double{grad[i]} * silu_slope(z), 5e-6);
    }
  });
}

}  // namespace
}  // namespace ensue::kernels
