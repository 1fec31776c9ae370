// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/bf16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/gemm.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

Half rounded(float x) {
  Half out = 0;
  to_bf16(&x, &out, 1);
  return out;
}

std::vector<Half> random_halves(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> x(n);
  for (float& v : x) v = static_cast<float>(rng.normal());
  std::vector<Half> out(n);
  to_bf16(x.data(), out.data(), n);
  return out;
}

float at(const HalfMatrix& m, std::size_t r, std::size_t c) {
  return from_bf16(m.transposed ? m.data[c * m.stride + r]
                                : m.data[r * m.stride + c]);
}

void expect_product(const HalfMatrix& a, const HalfMatrix& b) {
  std::vector<float> out(a.rows * b.cols, 7.0F);
  gemm(a, b, out.data(), b.cols);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < b.cols; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < a.cols; ++k) sum += at(a, i, k) * at(b, k, j);
      EXPECT_NEAR(out[i * b.cols + j], sum, 1e-4) << i << "," << j;
    }
  }
}

TEST(Bf16, RoundsToTheNearestAndTiesToEven) {
  on_every_level([] {
    EXPECT_EQ(rounded(1.0F), 0x3F80);
    EXPECT_EQ(rounded(1 + 0x1p-8F), 0x3F80);            // half way: even stays
    EXPECT_EQ(rounded(1 + 0x1p-7F + 0x1p-8F), 0x3F82);  // half way: up to even
    EXPECT_EQ(rounded(1 + 0x1p-8F + 0x1p-20F), 0x3F81);
    EXPECT_EQ(rounded(-2.5F), 0xC020);
    EXPECT_EQ(rounded(std::numeric_limits<float>::max()), 0x7F80);  // infinity
  });
}

TEST(Bf16, NanStaysNan) {
  on_every_level([] {
    EXPECT_TRUE(std::isnan(
        from_bf16(rounded(std::numeric_limits<float>::quiet_NaN()))));
    EXPECT_TRUE(
        std::isnan(from_bf16(rounded(std::bit_cast<float>(0x7F800001)))));
  });
}

TEST(Bf16, EveryLengthIsConvertedWhole) {
  on_every_level([] {
    for (std::size_t n = 0; n < 40; ++n) {
      const std::vector<float> x(n, 3.0F);
      std::vector<Half> out(n + 1, 0x1234);
      to_bf16_scaled(x.data(), 0.5F, out.data(), n);
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(from_bf16(out[i]), 1.5F);
      EXPECT_EQ(out[n], 0x1234);
    }
  });
}

TEST(Bf16, ProductsEqualThePlainLoopForEveryTransposition) {
  const auto x = random_halves(9 * 33, 1), y = random_halves(33 * 7, 2);
  expect_product(HalfMatrix(x.data(), 9, 33), HalfMatrix(y.data(), 33, 7));
  expect_product(HalfMatrix(x.data(), 33, 9).t(), HalfMatrix(y.data(), 33, 7));
  expect_product(HalfMatrix(x.data(), 9, 33), HalfMatrix(y.data(), 7, 33).t());
  expect_product(HalfMatrix(x.data(), 33, 9).t(),
                 HalfMatrix(y.data(), 7, 33).t());
  expect_product(HalfMatrix(x.data() + 2, 9, 20, /*s=*/33),
                 HalfMatrix(y.data(), 20, 7));
}

TEST(Bf16, ProductsAreAddedAndScaled) {
  const auto x = random_halves(64, 3), y = random_halves(64, 4);
  std::vector<float> once(1), twice = {1.0F};
  gemm(HalfMatrix(x.data(), 1, 64), HalfMatrix(y.data(), 64, 1), once.data(),
       1);
  gemm(HalfMatrix(x.data(), 1, 64), HalfMatrix(y.data(), 64, 1), twice.data(),
       1, {.add = true, .scale = 2});
  EXPECT_NEAR(twice[0], 1 + 2 * once[0], 1e-4);
}

}  // namespace
}  // namespace ensue::kernels
