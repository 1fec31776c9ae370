// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/softmax_row.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/softmax_row.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

float add_bias_and_max(float* row, const float* bias, std::size_t size) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto best = hn::Set(d, -std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    auto x = hn::LoadU(d, row + i);
    if (bias != nullptr) {
      x = hn::Add(x, hn::LoadU(d, bias + i));
      hn::StoreU(x, d, row + i);
    }
    best = hn::Max(best, x);
  }
  float top = hn::GetLane(hn::MaxOfLanes(d, best));
  for (; i < size; ++i) {
    if (bias != nullptr) row[i] += bias[i];
    top = std::max(top, row[i]);
  }
  return top;
}

float exp_and_sum(float* row, std::size_t size, float top) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto shift = hn::Set(d, top);
  auto sum = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    const auto e = hn::Exp(d, hn::Sub(hn::LoadU(d, row + i), shift));
    hn::StoreU(e, d, row + i);
    sum = hn::Add(sum, e);
  }
  float total = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < size; ++i) total += row[i] = std::exp(row[i] - top);
  return total;
}

double softmax_row(float* row, const float* bias, std::size_t size,
                   float total) {
  const float top = add_bias_and_max(row, bias, size);
  const float sum = exp_and_sum(row, size, top);
  const float scale = total / sum;
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::LoadU(d, row + i), hn::Set(d, scale)), d, row + i);
  });
  return static_cast<double>(top) + std::log(static_cast<double>(sum));
}

void softmax_back(const float* p, float* slope, std::size_t size) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto sum = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    sum = hn::MulAdd(hn::LoadU(d, p + i), hn::LoadU(d, slope + i), sum);
  }
  float dot = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < size; ++i) dot += p[i] * slope[i];
  each(size, [=](auto t, std::size_t k) HWY_ATTR {
    const auto moved = hn::Sub(hn::LoadU(t, slope + k), hn::Set(t, dot));
    hn::StoreU(hn::Mul(hn::LoadU(t, p + k), moved), t, slope + k);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(softmax_row);
HWY_EXPORT(softmax_back);

void softmax_back(const float* p, float* slope, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(softmax_back)(p, slope, size);
}

double softmax_row(float* row, const float* bias, std::size_t size,
                   float total) noexcept {
  return HWY_DYNAMIC_DISPATCH(softmax_row)(row, bias, size, total);
}

}  // namespace ensue::kernels
#endif
