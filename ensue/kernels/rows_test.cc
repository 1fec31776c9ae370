// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/kernels/gates.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

// From -12 to 12, in steps that hit 0; `size` is no multiple of any vector.
std::vector<float> line(std::size_t size = 4801) {
  std::vector<float> out;
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(-12 +
                  24 * static_cast<float>(i) / static_cast<float>(size - 1));
  }
  return out;
}

TEST(Rows, GeluIsTheErrorFunctionsFormToAMillionth) {
  on_every_level([] {
    std::vector<float> x = line();
    gelu_row(x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double v = line()[i];
      ASSERT_NEAR(x[i], v / 2 * (1 + std::erf(v / std::sqrt(2.0))), 1e-6) << v;
    }
  });
}

TEST(Rows, ReluKeepsWhatIsAboveZero) {
  on_every_level([] {
    std::vector<float> x = {-1, 0, 2, -0.5F, 3};
    relu_row(x);
    EXPECT_EQ(x, (std::vector<float>{0, 0, 2, 0, 3}));
  });
}

TEST(Rows, TanhAndTheGatesAreTheExactFunctionsToAMillionth) {
  on_every_level([] {
    std::vector<float> x = line();
    tanh_row(x.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_NEAR(x[i], std::tanh(line()[i]), 1e-6) << line()[i];
    }
    // An LSTM that keeps nothing: c = s(i) tanh(20) = s(i).
    std::vector<float> gates, zero(line().size()), c = zero, h = zero;
    for (const float v : line()) gates.push_back(v);
    gates.resize(2 * line().size(), 0.0F);
    gates.resize(4 * line().size(), 20.0F);
    lstm_row(gates.data(), zero.data(), c.data(), h.data(), c.size());
    for (std::size_t i = 0; i < c.size(); ++i) {
      ASSERT_NEAR(c[i], 1 / (1 + std::exp(-double{line()[i]})), 1e-6);
    }
  });
}

TEST(Rows, LayerNormEqualsThePlainLoopForAnyWidth) {
  on_every_level([] {
    for (const std::size_t width : {1, 3, 16, 50, 64, 129}) {
      std::vector<float> x, w, b, out(width);
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < width; ++i) {
        x.push_back(100 + std::sin(static_cast<float>(i)));
        w.push_back(1 + 0.1F * static_cast<float>(i % 5));
        b.push_back(static_cast<float>(i % 3));
        mean += double{x[i]} / static_cast<double>(width);
      }
      for (const float v : x) {
        variance += (v - mean) * (v - mean) / static_cast<double>(width);
      }
      layer_norm_row(x, w, b, out);
      for (std::size_t i = 0; i < width; ++i) {
        const double unit = (x[i] - mean) / std::sqrt(variance + 1e-5);
        ASSERT_NEAR(out[i], unit * w[i] + b[i], 5e-5) << width << " " << i;
      }
    }
  });
}

TEST(Rows, AddAddsEveryPlace) {
  on_every_level([] {
    std::vector<float> x = line(37), y(37, 1.0F);
    add_row(x, y);
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], 1 + x[i]);
  });
}

TEST(Rows, SoftmaxSumsToOneOverAMillionLogitsAndSurvivesHugeOnes) {
  on_every_level([] {
    std::vector<float> x(1'000'000, 1000.0F);
    softmax_exact(x);
    double total = 0;
    for (const float p : x) total += p;
    EXPECT_NEAR(total, 1, 1e-6);
    EXPECT_FLOAT_EQ(x[999'999], 1e-6F);
  });
}

}  // namespace
}  // namespace ensue::kernels
