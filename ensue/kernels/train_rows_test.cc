// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/train_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

std::vector<float> random_floats(std::size_t n, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(n);
  for (float& x : out) x = static_cast<float>(rng.normal());
  return out;
}

// Widths below, at and between whole vectors.
constexpr std::size_t kRows = 5, kWidths[] = {1, 3, 8, 16, 21, 50, 64, 100};

TEST(TrainRows, ColumnsAreSummedOverRowsThatAreApart) {
  on_every_level([] {
    for (const std::size_t width : kWidths) {
      const std::size_t stride = width + 3;
      const auto x = random_floats(kRows * stride, 1);
      std::vector<float> out(width, 10.0F);
      add_columns(x.data(), kRows, width, stride, out.data());
      for (std::size_t c = 0; c < width; ++c) {
        double sum = 10;
        for (std::size_t r = 0; r < kRows; ++r) sum += x[r * stride + c];
        EXPECT_NEAR(out[c], sum, 1e-5) << width << " " << c;
      }
    }
  });
}

TEST(TrainRows, BiasIsAddedToEveryRowAndReluTakesWhatIsBelowZero) {
  on_every_level([] {
    for (const std::size_t width : kWidths) {
      const auto x = random_floats(kRows * width, 2),
                 bias = random_floats(width, 3);
      for (const bool relu : {false, true}) {
        auto y = x;
        add_bias(y.data(), bias.data(), kRows, width, relu);
        for (std::size_t i = 0; i < y.size(); ++i) {
          const float sum = x[i] + bias[i % width];
          EXPECT_EQ(y[i], relu ? std::max(0.0F, sum) : sum);
        }
      }
    }
  });
}

double gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }

TEST(TrainRows, BiasGeluKeepsTheSumAndBendsIt) {
  on_every_level([] {
    for (const std::size_t width : kWidths) {
      const auto x = random_floats(kRows * width, 2),
                 bias = random_floats(width, 3);
      auto y = x;
      std::vector<float> out(x.size());
      bias_gelu(y.data(), bias.data(), kRows, width, out.data());
      for (std::size_t i = 0; i < y.size(); ++i) {
        EXPECT_EQ(y[i], x[i] + bias[i % width]);
        EXPECT_NEAR(out[i], gelu(double{y[i]}), 2e-6);
      }
    }
  });
}

TEST(TrainRows, GeluBackIsTheSlopeFarOutToo) {
  on_every_level([] {
    std::vector<float> y = random_floats(40, 2);
    for (float& x : y) x *= 3;
    y.insert(y.end(), {-100, -6, 0, 6, 100});
    const std::vector<float> dout(y.size(), 2.0F);
    std::vector<float> slope(y.size());
    gelu_back(y.data(), dout.data(), slope.data(), y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double x = double{y[i]}, step = 1e-4;
      EXPECT_NEAR(slope[i], 2 * (gelu(x + step) - gelu(x - step)) / (2 * step),
                  1e-5)
          << x;
    }
  });
}

TEST(TrainRows, ReluPassesTheSlopeWhereItsResultIsAboveZero) {
  on_every_level([] {
    const std::vector<float> y = {0, 2, 0, 1e-30F};
    std::vector<float> slope = {1, 2, 3, 4};
    relu_back(y.data(), slope.data(), 4);
    EXPECT_EQ(slope, (std::vector<float>{0, 2, 0, 4}));
  });
}

TEST(TrainRows, AddsAMultiple) {
  on_every_level([] {
    const auto x = random_floats(37, 4);
    auto out = random_floats(37, 5);
    const auto before = out;
    add_scaled(x.data(), 0.5F, out.data(), 37);
    for (std::size_t i = 0; i < 37; ++i) {
      EXPECT_FLOAT_EQ(out[i], before[i] + 0.5F * x[i]);
    }
  });
}

// In double, by the definition.
double norm_loss(const std::vector<double>& x, const std::vector<float>& w,
                 const std::vector<float>& b, const std::vector<float>& c) {
  const std::size_t width = w.size();
  double loss = 0;
  for (std::size_t r = 0; r < x.size() / width; ++r) {
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < width; ++i)
      mean += x[r * width + i] / double(width);
    for (std::size_t i = 0; i < width; ++i) {
      variance += std::pow(x[r * width + i] - mean, 2) / double(width);
    }
    for (std::size_t i = 0; i < width; ++i) {
      const double z = (x[r * width + i] - mean) / std::sqrt(variance + 1e-5);
      loss += c[r * width + i] * (z * w[i] + b[i]);
    }
  }
  return loss;
}

TEST(TrainRows, LayerNormAndItsGradientsFollowTheDefinition) {
  on_every_level([] {
    for (const std::size_t width : kWidths) {
      if (width == 1) continue;  // a row of one has no spread
      const auto x = random_floats(kRows * width, 6),
                 c = random_floats(kRows * width, 7);
      const auto w = random_floats(width, 8), b = random_floats(width, 9);
      std::vector<float> out(x.size()), dx(x.size()), dw(width), db(width);
      std::vector<RowMoments> moments(kRows);
      layer_norm_rows(x.data(), w.data(), b.data(), 1e-5F, kRows, width,
                      out.data(), moments.data());
      layer_norm_back(x.data(), moments.data(), w.data(), c.data(), kRows,
                      width, dx.data(), dw.data(), db.data());
      const std::vector<double> at(x.begin(), x.end());
      double loss = 0;
      for (std::size_t i = 0; i < out.size(); ++i)
        loss += double(c[i]) * out[i];
      EXPECT_NEAR(loss, norm_loss(at, w, b, c), 1e-3);
      for (std::size_t i = 0; i < x.size(); i += 7) {
        auto up = at, down = at;
        up[i] += 1e-4, down[i] -= 1e-4;
        const double slope =
            (norm_loss(up, w, b, c) - norm_loss(down, w, b, c)) / 2e-4;
        EXPECT_NEAR(dx[i], slope, 2e-3 * std::max(1.0, std::fabs(slope)))
            << width << " " << i;
      }
      for (std::size_t i = 0; i < width; ++i) {
        double sum_w = 0, sum_b = 0;
        for (std::size_t r = 0; r < kRows; ++r) {
          const float z = (out[r * width + i] - b[i]) / w[i];
          sum_w += double(c[r * width + i]) * z;
          sum_b += c[r * width + i];
        }
        EXPECT_NEAR(dw[i], sum_w, 1e-3 * std::max(1.0, std::fabs(sum_w)));
        EXPECT_NEAR(db[i], sum_b, 1e-4);
      }
    }
  });
}

}  // namespace
}  // namespace ensue::kernels
