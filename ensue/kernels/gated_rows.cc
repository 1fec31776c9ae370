// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/gated_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/gated_rows.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void gated_add_row(const float* gate, const float* x, const float* base,
                   float* out, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto open = sigmoid(d, hn::LoadU(d, gate + i));
    hn::StoreU(hn::MulAdd(open, hn::LoadU(d, x + i), hn::LoadU(d, base + i)), d,
               out + i);
  });
}

void gated_add_back(const float* gate, const float* x, const float* dout,
                    float* dgate, float* dx, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto open = sigmoid(d, hn::LoadU(d, gate + i));
    const auto slope = hn::NegMulAdd(open, open, open);
    const auto from = hn::LoadU(d, dout + i);
    hn::StoreU(hn::Mul(hn::Mul(from, hn::LoadU(d, x + i)), slope), d,
               dgate + i);
    hn::StoreU(hn::Mul(from, open), d, dx + i);
  });
}

void swiglu_row(const float* gate, const float* up, float* out,
                std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gate + i);
    hn::StoreU(hn::Mul(hn::Mul(g, sigmoid(d, g)), hn::LoadU(d, up + i)), d,
               out + i);
  });
}

void swiglu_back(const float* gate, const float* up, const float* dout,
                 float* dgate, float* dup, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, gate + i), from = hn::LoadU(d, dout + i);
    const auto open = sigmoid(d, g), bent = hn::Mul(g, open);
    // d (g s(g)) / d g = s + g s (1 - s)
    const auto slope = hn::MulAdd(bent, hn::Sub(hn::Set(d, 1.0F), open), open);
    hn::StoreU(hn::Mul(hn::Mul(from, hn::LoadU(d, up + i)), slope), d,
               dgate + i);
    hn::StoreU(hn::Mul(from, bent), d, dup + i);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(gated_add_row);
HWY_EXPORT(gated_add_back);
HWY_EXPORT(swiglu_row);
HWY_EXPORT(swiglu_back);

void gated_add_row(const float* gate, const float* x, const float* base,
                   float* out, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(gated_add_row)(gate, x, base, out, size);
}

void gated_add_back(const float* gate, const float* x, const float* dout,
                    float* dgate, float* dx, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(gated_add_back)(gate, x, dout, dgate, dx, size);
}

void swiglu_row(const float* gate, const float* up, float* out,
                std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(swiglu_row)(gate, up, out, size);
}

void swiglu_back(const float* gate, const float* up, const float* dout,
                 float* dgate, float* dup, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(swiglu_back)(gate, up, dout, dgate, dup, size);
}

}  // namespace ensue::kernels
#endif
