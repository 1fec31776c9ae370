// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/rows.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"
#include "ensue/kernels/internal/gelu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Sum of f(x[i] - shift) over the row, f the identity or the square.
template <bool kSquare>
float sum(const float* x, std::size_t size, float shift) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto total = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    const auto moved = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, shift));
    total = kSquare ? hn::MulAdd(moved, moved, total) : hn::Add(total, moved);
  }
  float out = hn::GetLane(hn::SumOfLanes(d, total));
  for (; i < size; ++i) {
    const float moved = x[i] - shift;
    out += kSquare ? moved * moved : moved;
  }
  return out;
}

void layer_norm_row(const float* x, const float* weight, const float* bias,
                    float* out, std::size_t size) {
  const auto count = static_cast<float>(size);
  const float mean = sum<false>(x, size, 0.0F) / count;
  const float variance = sum<true>(x, size, mean) / count;
  const float scale = 1.0F / std::sqrt(variance + 1e-5F);
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto unit = hn::Mul(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)),
                              hn::Set(d, scale));
    hn::StoreU(
        hn::MulAdd(unit, hn::LoadU(d, weight + i), hn::LoadU(d, bias + i)), d,
        out + i);
  });
}

void relu_row(float* x, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Max(hn::LoadU(d, x + i), hn::Zero(d)), d, x + i);
  });
}

void gelu_row(float* x, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(gelu(d, hn::LoadU(d, x + i)), d, x + i);
  });
}

void add_row(const float* x, float* y, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  });
}

// x = exp(x - top).
void exp_row(float* x, std::size_t size, float top) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Exp(d, hn::Sub(hn::LoadU(d, x + i), hn::Set(d, top))), d,
               x + i);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(layer_norm_row);
HWY_EXPORT(relu_row);
HWY_EXPORT(gelu_row);
HWY_EXPORT(add_row);
HWY_EXPORT(exp_row);

void layer_norm_row(std::span<const float> x, std::span<const float> weight,
                    std::span<const float> bias,
                    std::span<float> out) noexcept {
  HWY_DYNAMIC_DISPATCH(layer_norm_row)
  (x.data(), weight.data(), bias.data(), out.data(), x.size());
}

void relu_row(std::span<float> x) noexcept {
  HWY_DYNAMIC_DISPATCH(relu_row)(x.data(), x.size());
}

void gelu_row(std::span<float> x) noexcept {
  HWY_DYNAMIC_DISPATCH(gelu_row)(x.data(), x.size());
}

void add_row(std::span<const float> x, std::span<float> y) noexcept {
  HWY_DYNAMIC_DISPATCH(add_row)(x.data(), y.data(), y.size());
}

void softmax_exact(std::span<float> x) noexcept {
  if (x.empty()) return;
  const float top = *std::max_element(x.begin(), x.end());
  HWY_DYNAMIC_DISPATCH(exp_row)(x.data(), x.size(), top);
  double total = 0;
  for (const float value : x) total += static_cast<double>(value);
  for (float& value : x) {
    value = static_cast<float>(static_cast<double>(value) / total);
  }
}

}  // namespace ensue::kernels
#endif
