// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/silu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/silu.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> biased(D d, const float* x, const float* bias,
                             std::size_t i) {
  const auto plain = hn::LoadU(d, x + i);
  return bias == nullptr ? plain : hn::Add(plain, hn::LoadU(d, bias + i));
}

void silu_row(float* x, const float* bias, float scale, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto z = biased(d, x, bias, i);
    const auto value = hn::Mul(z, sigmoid(d, z));
    hn::StoreU(hn::Mul(value, hn::Set(d, scale)), d, x + i);
  });
}

// The slope is s + z s (1 - s), s the sigmoid of z.
void silu_back(float* x, const float* bias, float scale, float* slope,
               std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto z = biased(d, x, bias, i);
    const auto s = sigmoid(d, z);
    const auto value = hn::Mul(z, s);
    const auto bend = hn::NegMulAdd(value, s, hn::Add(s, value));
    const auto factor = hn::Set(d, scale);
    hn::StoreU(hn::Mul(value, factor), d, x + i);
    hn::StoreU(hn::Mul(hn::Mul(hn::LoadU(d, slope + i), factor), bend), d,
               slope + i);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(silu_row);
HWY_EXPORT(silu_back);

void silu_row(float* x, const float* bias, float scale,
              std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(silu_row)(x, bias, scale, size);
}

void silu_back(float* x, const float* bias, float scale, float* slope,
               std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(silu_back)(x, bias, scale, slope, size);
}

}  // namespace ensue::kernels
#endif
