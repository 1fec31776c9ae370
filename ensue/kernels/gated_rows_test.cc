// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/gated_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

using Row = std::vector<float>;

constexpr std::size_t kSize = 37;  // no multiple of any vector

// Gates from -9 to 9, and numbers of both signs.
struct Example {
  Row gate, x, base, dout;
  Example() {
    for (std::size_t i = 0; i < kSize; ++i) {
      const auto at = static_cast<float>(i);
      gate.push_back(at / 2 - 9);
      x.push_back(std::sin(at));
      base.push_back(std::cos(3 * at));
      dout.push_back(std::cos(at));
    }
  }
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double silu(double x) { return x * sigmoid(x); }

// Central difference of `f` in double.
template <class F>
double slope(const F& f, double at) {
  return (f(at + 1e-6) - f(at - 1e-6)) / 2e-6;
}

TEST(GatedRows, TheResidualIsOpenedByTheSigmoid) {
  on_every_level([] {
    const Example e;
    Row out = e.x;  // in place
    gated_add_row(e.gate.data(), out.data(), e.base.data(), out.data(), kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      ASSERT_NEAR(out[i], e.base[i] + sigmoid(e.gate[i]) * e.x[i], 1e-6) << i;
    }
  });
}

TEST(GatedRows, TheResidualsGradientsAreThoseOfFiniteDifferences) {
  on_every_level([] {
    const Example e;
    Row dgate(kSize), dx(kSize);
    gated_add_back(e.gate.data(), e.x.data(), e.dout.data(), dgate.data(),
                   dx.data(), kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      const double x = e.x[i], from = e.dout[i];
      ASSERT_NEAR(dgate[i], from * x * slope(sigmoid, e.gate[i]), 1e-6) << i;
      ASSERT_NEAR(dx[i], from * sigmoid(e.gate[i]), 1e-6) << i;
    }
  });
}

TEST(GatedRows, SwigluIsSiluTimesTheOtherHalf) {
  on_every_level([] {
    const Example e;
    Row out = e.gate;  // in place
    swiglu_row(out.data(), e.x.data(), out.data(), kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      ASSERT_NEAR(out[i], silu(e.gate[i]) * e.x[i], 2e-6) << i;
    }
  });
}

TEST(GatedRows, SwiglusGradientsAreThoseOfFiniteDifferences) {
  on_every_level([] {
    const Example e;
    Row dgate(kSize), dup(kSize);
    swiglu_back(e.gate.data(), e.x.data(), e.dout.data(), dgate.data(),
                dup.data(), kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      const double up = e.x[i], from = e.dout[i];
      ASSERT_NEAR(dgate[i], from * up * slope(silu, e.gate[i]), 1e-6) << i;
      ASSERT_NEAR(dup[i], from * silu(e.gate[i]), 2e-6) << i;
    }
  });
}

TEST(GatedRows, HugeGatesAreShutOrOpen) {
  on_every_level([] {
    const Row gate = {-1e9F, 1e9F}, x = {3, 3}, base = {1, 1};
    Row out(2);
    gated_add_row(gate.data(), x.data(), base.data(), out.data(), 2);
    EXPECT_FLOAT_EQ(out[0], 1);
    EXPECT_FLOAT_EQ(out[1], 4);
  });
}

}  // namespace
}  // namespace ensue::kernels
