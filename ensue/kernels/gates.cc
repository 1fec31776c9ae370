// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/gates.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/gates.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// y (1 - y): the slope of the sigmoid whose value is y.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sigmoid_slope(D, V y) {
  return hn::NegMulAdd(y, y, y);
}

// 1 - y^2: the slope of the tanh whose value is y.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V tanh_slope(D d, V y) {
  return hn::NegMulAdd(y, y, hn::Set(d, 1.0F));
}

void tanh_row(float* h, std::size_t width) {
  each(width, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Tanh(d, hn::LoadU(d, h + i)), d, h + i);
  });
}

void tanh_back(const float* h, const float* dh, float* pre, std::size_t width) {
  each(width, [=](auto d, std::size_t i) HWY_ATTR {
    const auto slope = tanh_slope(d, hn::LoadU(d, h + i));
    hn::StoreU(hn::Mul(hn::LoadU(d, dh + i), slope), d, pre + i);
  });
}

void gru_row(float* gx, const float* gh, const float* before, float* h,
             std::size_t width) {
  float *gx_z = gx + width, *gx_n = gx + 2 * width;
  const float *gh_z = gh + width, *gh_n = gh + 2 * width;
  each(width, [=](auto d, std::size_t i) HWY_ATTR {
    const auto r =
        sigmoid(d, hn::Add(hn::LoadU(d, gx + i), hn::LoadU(d, gh + i)));
    const auto z =
        sigmoid(d, hn::Add(hn::LoadU(d, gx_z + i), hn::LoadU(d, gh_z + i)));
    const auto n = hn::Tanh(
        d, hn::MulAdd(r, hn::LoadU(d, gh_n + i), hn::LoadU(d, gx_n + i)));
    const auto old = hn::LoadU(d, before + i);
    hn::StoreU(r, d, gx + i);
    hn::StoreU(z, d, gx_z + i);
    hn::StoreU(n, d, gx_n + i);
    hn::StoreU(hn::MulAdd(z, hn::Sub(old, n), n), d, h + i);
  });
}

void gru_back(float* gates, const float* gh_n, const float* before,
              const float* dh, float* dgh, float* carry, std::size_t width) {
  float *gates_z = gates + width, *gates_n = gates + 2 * width;
  float *dgh_z = dgh + width, *dgh_n = dgh + 2 * width;
  each(width, [=](auto d, std::size_t i) HWY_ATTR {
    const auto r = hn::LoadU(d, gates + i), z = hn::LoadU(d, gates_z + i);
    const auto n = hn::LoadU(d, gates_n + i), g = hn::LoadU(d, dh + i);
    const auto old = hn::LoadU(d, before + i);
    const auto dn = hn::Mul(hn::NegMulAdd(z, g, g), tanh_slope(d, n));
    const auto dz = hn::Mul(hn::Mul(g, hn::Sub(old, n)), sigmoid_slope(d, z));
    const auto dr =
        hn::Mul(hn::Mul(dn, hn::LoadU(d, gh_n + i)), sigmoid_slope(d, r));
    hn::StoreU(dr, d, gates + i);
    hn::StoreU(dz, d, gates_z + i);
    hn::StoreU(dn, d, gates_n + i);
    hn::StoreU(dr, d, dgh + i);
    hn::StoreU(dz, d, dgh_z + i);
    hn::StoreU(hn::Mul(dn, r), d, dgh_n + i);
    hn::StoreU(hn::Mul(g, z), d, carry + i);
  });
}

void lstm_row(float* gates, const float* c_before, float* c, float* h,
              std::size_t width) {
  float *gf = gates + width, *gg = gates + 2 * width, *go = gates + 3 * width;
  each(width, [=](auto d, std::size_t k) HWY_ATTR {
    const auto i = sigmoid(d, hn::LoadU(d, gates + k));
    const auto f = sigmoid(d, hn::LoadU(d, gf + k));
    const auto g = hn::Tanh(d, hn::LoadU(d, gg + k));
    const auto o = sigmoid(d, hn::LoadU(d, go + k));
    const auto cell = hn::MulAdd(f, hn::LoadU(d, c_before + k), hn::Mul(i, g));
    hn::StoreU(i, d, gates + k);
    hn::StoreU(f, d, gf + k);
    hn::StoreU(g, d, gg + k);
    hn::StoreU(o, d, go + k);
    hn::StoreU(cell, d, c + k);
    hn::StoreU(hn::Mul(o, hn::Tanh(d, cell)), d, h + k);
  });
}

void lstm_back(float* gates, const float* c_before, const float* c,
               const float* dh, float* dc, std::size_t width) {
  float *gf = gates + width, *gg = gates + 2 * width, *go = gates + 3 * width;
  each(width, [=](auto d, std::size_t k) HWY_ATTR {
    const auto i = hn::LoadU(d, gates + k), f = hn::LoadU(d, gf + k);
    const auto g = hn::LoadU(d, gg + k), o = hn::LoadU(d, go + k);
    const auto t = hn::Tanh(d, hn::LoadU(d, c + k));
    const auto dout = hn::LoadU(d, dh + k);
    const auto cell =
        hn::MulAdd(hn::Mul(dout, o), tanh_slope(d, t), hn::LoadU(d, dc + k));
    hn::StoreU(hn::Mul(hn::Mul(cell, g), sigmoid_slope(d, i)), d, gates + k);
    hn::StoreU(
        hn::Mul(hn::Mul(cell, hn::LoadU(d, c_before + k)), sigmoid_slope(d, f)),
        d, gf + k);
    hn::StoreU(hn::Mul(hn::Mul(cell, i), tanh_slope(d, g)), d, gg + k);
    hn::StoreU(hn::Mul(hn::Mul(dout, t), sigmoid_slope(d, o)), d, go + k);
    hn::StoreU(hn::Mul(cell, f), d, dc + k);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(tanh_row);
HWY_EXPORT(tanh_back);
HWY_EXPORT(gru_row);
HWY_EXPORT(gru_back);
HWY_EXPORT(lstm_row);
HWY_EXPORT(lstm_back);

void tanh_row(float* h, std::size_t width) noexcept {
  HWY_DYNAMIC_DISPATCH(tanh_row)(h, width);
}

void tanh_back(const float* h, const float* dh, float* pre,
               std::size_t width) noexcept {
  HWY_DYNAMIC_DISPATCH(tanh_back)(h, dh, pre, width);
}

void gru_row(float* gx, const float* gh, const float* before, float* h,
             std::size_t width) noexcept {
  HWY_DYNAMIC_DISPATCH(gru_row)(gx, gh, before, h, width);
}

void gru_back(float* gates, const float* gh_n, const float* before,
              const float* dh, float* dgh, float* carry,
              std::size_t width) noexcept {
  HWY_DYNAMIC_DISPATCH(gru_back)(gates, gh_n, before, dh, dgh, carry, width);
}

void lstm_row(float* gates, const float* c_before, float* c, float* h,
              std::size_t width) noexcept {
  HWY_DYNAMIC_DISPATCH(lstm_row)(gates, c_before, c, h, width);
}

void lstm_back(float* gates, const float* c_before, const float* c,
               const float* dh, float* dc, std::size_t width) noexcept {
  HWY_DYNAMIC_DISPATCH(lstm_back)(gates, c_before, c, dh, dc, width);
}

}  // namespace ensue::kernels
#endif
