// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/packed_linear.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "ensue/base/error.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/packed_linear.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#ifndef ENSUE_KERNELS_PACKED_LINEAR_ONCE
#define ENSUE_KERNELS_PACKED_LINEAR_ONCE
namespace ensue::kernels {
/// One product of all rows with all panels.
struct PackedProduct {
  const float* x;
  const float* panels;
  const float* bias;  // padded to whole panels
  float* y;
  std::size_t rows, inputs, outputs;
};
inline constexpr std::size_t kPanel = 64;  // outputs side by side
}  // namespace ensue::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;

// With 16 lanes 6 rows by 4 vectors fill 24 of 32 registers, with fewer lanes
// 6 by 2 fill 12 of 16; a single row takes more vectors, to hide latency.
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr int kTallRows = 6;
constexpr int kTallVectors = kLanes >= 16 ? 4 : 2;
constexpr int kFlatVectors =
    kLanes >= 8 ? static_cast<int>(kPanel / kLanes) : 8;

// Stores the first `valid` floats of a vector.
HWY_INLINE void store(V value, std::size_t valid, float* to) {
  const D d;
  if (valid >= hn::Lanes(d)) return hn::StoreU(value, d, to);
  HWY_ALIGN float buffer[kLanes];
  hn::Store(value, d, buffer);
  std::copy_n(buffer, valid, to);
}

// kRows rows times kVectors vectors of outputs from `column` of a panel on.
template <int kRows, int kVectors>
HWY_INLINE void tile(const PackedProduct& p, std::size_t row,
                     std::size_t column) {
  const D d;
  const std::size_t lanes = hn::Lanes(d), inputs = p.inputs;
  const float* w =
      p.panels + column / kPanel * kPanel * inputs + column % kPanel;
  const float* x = p.x + row * inputs;
  V sum[kRows][kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const V start = hn::LoadU(d, p.bias + column + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) sum[r][v] = start;
  }
  for (std::size_t k = 0; k < inputs; ++k, w += kPanel) {
    V weights[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      weights[v] = hn::LoadU(d, w + v * lanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const V value = hn::Set(d, x[static_cast<std::size_t>(r) * inputs + k]);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = hn::MulAdd(value, weights[v], sum[r][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    float* to = p.y + (row + static_cast<std::size_t>(r)) * p.outputs;
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      const std::size_t at = column + v * lanes;
      if (at < p.outputs) store(sum[r][v], p.outputs - at, to + at);
    }
  }
}

template <int kRows, int kVectors>
void across(const PackedProduct& p, std::size_t row, std::size_t panel) {
  const std::size_t end = std::min(panel + kPanel, p.outputs);
  const std::size_t step = static_cast<std::size_t>(kVectors) * hn::Lanes(D());
  for (std::size_t at = panel; at < end; at += step) {
    tile<kRows, kVectors>(p, row, at);
  }
}

void rest(const PackedProduct& p, std::size_t row, std::size_t panel) {
  switch (p.rows - row) {
    case 5:
      return across<5, kTallVectors>(p, row, panel);
    case 4:
      return across<4, kTallVectors>(p, row, panel);
    case 3:
      return across<3, kTallVectors>(p, row, panel);
    case 2:
      return across<2, kTallVectors>(p, row, panel);
    case 1:
      return across<1, kFlatVectors>(p, row, panel);
    default:
      return;
  }
}

void packed_product(const PackedProduct& p) {
  for (std::size_t panel = 0; panel < p.outputs; panel += kPanel) {
    std::size_t row = 0;
    for (; row + kTallRows <= p.rows; row += kTallRows) {
      across<kTallRows, kTallVectors>(p, row, panel);
    }
    rest(p, row, panel);
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {
HWY_EXPORT(packed_product);

PackedLinear::PackedLinear(std::span<const float> weight,
                           std::span<const float> bias, std::size_t outputs,
                           std::size_t inputs)
    : inputs_(inputs), outputs_(outputs) {
  if (weight.size() != outputs * inputs ||
      (!bias.empty() && bias.size() != outputs)) {
    invalid("linear: " + std::to_string(weight.size()) + " weights and " +
            std::to_string(bias.size()) + " biases for " +
            std::to_string(outputs) + " x " + std::to_string(inputs));
  }
  const std::size_t panels = (outputs + kPanel - 1) / kPanel;
  bias_ = huge_memory<float>(panels * kPanel);
  panels_ = huge_memory<float>(panels * kPanel * inputs);
  std::copy(bias.begin(), bias.end(), bias_.get());
  for (std::size_t o = 0; o < outputs; ++o) {
    float* to = panels_.get() + o / kPanel * kPanel * inputs + o % kPanel;
    for (std::size_t k = 0; k < inputs; ++k) {
      to[k * kPanel] = weight[o * inputs + k];
    }
  }
}

void PackedLinear::apply(std::span<const float> x, std::size_t rows,
                         std::span<float> y) const noexcept {
  assert(x.size() >= rows * inputs_ && y.size() >= rows * outputs_);
  if (rows == 0) return;
  HWY_DYNAMIC_DISPATCH(packed_product)
  ({x.data(), panels_.get(), bias_.get(), y.data(), rows, inputs_, outputs_});
}

}  // namespace ensue::kernels
#endif
