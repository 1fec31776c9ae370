// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/packed_linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

std::vector<float> random(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(size);
  for (float& x : out) x = static_cast<float>(rng.normal());
  return out;
}

std::vector<float> product(const PackedLinear& linear,
                           const std::vector<float>& x, std::size_t rows) {
  std::vector<float> y(rows * linear.outputs(), -1e30F);
  linear.apply(x, rows, y);
  return y;
}

TEST(PackedLinear, OneOutputByHand) {
  const PackedLinear linear(std::vector<float>{2, -1}, std::vector<float>{10},
                            /*outputs=*/1, /*inputs=*/2);
  EXPECT_EQ(product(linear, {3, 4, 5, 6}, 2), (std::vector<float>{12, 14}));
}

TEST(PackedLinear, EqualsThePlainProductInDoubleForAnySize) {
  on_every_level([] {
    for (const std::size_t outputs : {1, 7, 16, 63, 64, 65, 130}) {
      for (const std::size_t inputs : {1, 5, 64}) {
        const std::size_t rows = 9;
        const auto w = random(outputs * inputs, 1), b = random(outputs, 2);
        const auto x = random(rows * inputs, 3);
        const auto y = product({w, b, outputs, inputs}, x, rows);
        for (std::size_t r = 0; r < rows; ++r) {
          for (std::size_t o = 0; o < outputs; ++o) {
            double sum = b[o], size = std::abs(sum);
            for (std::size_t k = 0; k < inputs; ++k) {
              const double term = double{w[o * inputs + k]} * x[r * inputs + k];
              sum += term;
              size += std::abs(term);
            }
            ASSERT_NEAR(y[r * outputs + o], sum, 1e-6 * size)
                << outputs << " x " << inputs << " row " << r << " out " << o;
          }
        }
      }
    }
  });
}

TEST(PackedLinear, OneRowGivesTheBitsOfManyRows) {
  on_every_level([] {
    const std::size_t outputs = 150, inputs = 37, most = 20;
    const PackedLinear linear(random(outputs * inputs, 1), random(outputs, 2),
                              outputs, inputs);
    const auto x = random(most * inputs, 3);
    const auto all = product(linear, x, most);
    for (std::size_t rows = 1; rows < most; ++rows) {
      const auto some = product(linear, x, rows);
      ASSERT_EQ(std::memcmp(some.data(), all.data(), 4 * some.size()), 0)
          << rows << " rows";
    }
  });
}

TEST(PackedLinear, EveryOutputIsOneChainOfSumsInOrder) {
  // 2^24 + 1 - 2^24 keeps the 1 only when it is added last.
  const std::vector<float> weight = {16777216, -16777216, 1,
                                     1,        16777216,  -16777216};
  const PackedLinear linear(weight, {}, /*outputs=*/2, /*inputs=*/3);
  EXPECT_EQ(product(linear, {1, 1, 1}, 1), (std::vector<float>{1, 0}));
}

TEST(PackedLinear, RefusesSizesThatDisagree) {
  const std::vector<float> six(6), two(2);
  EXPECT_THROW(PackedLinear(six, {}, 2, 2), Error);
  EXPECT_THROW(PackedLinear(six, two, 3, 2), Error);
}

}  // namespace
}  // namespace ensue::kernels
