// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/softmax_row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace ensue::kernels {
namespace {

TEST(SoftmaxRow, EqualsThePlainLoopForEveryLength) {
  for (std::size_t size = 1; size < 70; ++size) {
    std::vector<float> row(size), bias(size);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      row[i] = std::sin(static_cast<float>(i)) * 5;
      bias[i] = static_cast<float>(i % 3);
      sum += std::exp(static_cast<double>(row[i]) + bias[i]);
    }
    const std::vector<float> logits = row;
    EXPECT_NEAR(softmax_row(row.data(), bias.data(), size, 2), std::log(sum),
                1e-5);
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_NEAR(row[i], 2 * std::exp(logits[i] + bias[i]) / sum, 1e-5)
          << "size " << size << " place " << i;
    }
  }
}

TEST(SoftmaxBack, TwoEqualChancesShareTheirSlopeByHand) {
  const std::vector<float> p = {0.5F, 0.5F};
  std::vector<float> slope = {3, 1};
  softmax_back(p.data(), slope.data(), 2);
  EXPECT_FLOAT_EQ(slope[0], 0.5F);  // 0.5 * (3 - 2)
  EXPECT_FLOAT_EQ(slope[1], -0.5F);
}

}  // namespace
}  // namespace ensue::kernels
