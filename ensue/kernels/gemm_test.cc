// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/gemm.h"

#include <gtest/gtest.h>

#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::kernels {
namespace {

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(n);
  for (float& x : out) x = static_cast<float>(rng.normal());
  return out;
}

float at(const Matrix& m, std::size_t r, std::size_t c) {
  return m.transposed ? m.data[c * m.stride + r] : m.data[r * m.stride + c];
}

void expect_product(const Matrix& a, const Matrix& b) {
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

TEST(Gemm, EqualsThePlainLoopForEveryTransposition) {
  const auto x = random_floats(9 * 33, 1), y = random_floats(33 * 7, 2);
  expect_product(Matrix(x.data(), 9, 33), Matrix(y.data(), 33, 7));
  expect_product(Matrix(x.data(), 33, 9).t(), Matrix(y.data(), 33, 7));
  expect_product(Matrix(x.data(), 9, 33), Matrix(y.data(), 7, 33).t());
  expect_product(Matrix(x.data(), 33, 9).t(), Matrix(y.data(), 7, 33).t());
}

TEST(Gemm, ReadsAPartOfAWiderMatrixThroughItsStride) {
  const auto x = random_floats(5 * 20, 3), y = random_floats(6 * 4, 4);
  expect_product(Matrix(x.data() + 3, 5, 6, /*s=*/20), Matrix(y.data(), 6, 4));
}

TEST(Gemm, AddsToItsResultWhenAsked) {
  const std::vector<float> a = {1, 2}, b = {3, 4};
  std::vector<float> c = {10};
  gemm(Matrix(a.data(), 1, 2), Matrix(b.data(), 2, 1), c.data(), 1,
       {.add = true});
  EXPECT_FLOAT_EQ(c[0], 21);  // 10 + 1*3 + 2*4
}

TEST(Gemm, ScalesTheProduct) {
  const std::vector<float> a = {1, 2}, b = {3, 4};
  std::vector<float> c = {10};
  gemm(Matrix(a.data(), 1, 2), Matrix(b.data(), 2, 1), c.data(), 1,
       {.scale = 0.5F});
  EXPECT_FLOAT_EQ(c[0], 5.5F);
}

TEST(Gemm, TheSumOverNothingIsZero) {
  std::vector<float> c = {5, 5};
  gemm(Matrix(nullptr, 1, 0), Matrix(nullptr, 0, 2), c.data(), 2);
  EXPECT_EQ(c, (std::vector<float>{0, 0}));
}

TEST(Gemm, RefusesInnerSizesThatDiffer) {
  const std::vector<float> a(6);
  std::vector<float> c(4);
  EXPECT_THROW(
      gemm(Matrix(a.data(), 2, 3), Matrix(a.data(), 2, 2), c.data(), 2), Error);
}

}  // namespace
}  // namespace ensue::kernels
