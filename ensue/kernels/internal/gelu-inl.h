// SPDX-License-Identifier: Apache-2.0
// GELU, x Phi(x) with Phi by the error function, and its slope, inside a
// Highway file (Hendrycks & Gimpel 2016, arXiv:1606.08415).
#if defined(ENSUE_KERNELS_GELU_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ENSUE_KERNELS_GELU_INL_H
#undef ENSUE_KERNELS_GELU_INL_H
#else
#define ENSUE_KERNELS_GELU_INL_H
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The error function as x P(x^2) / Q(x^2) on [-4, 4] (the rational minimax
// approximation of Eigen's generic_fast_erf_float; a few units in the last
// place).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V erf(D d, V value) {
  const V x = hn::Clamp(value, hn::Set(d, -4.0F), hn::Set(d, 4.0F));
  const V s = hn::Mul(x, x);
  V p = hn::Set(d, -2.72614225801306e-10F);
  p = hn::MulAdd(p, s, hn::Set(d, 2.77068142495902e-08F));
  p = hn::MulAdd(p, s, hn::Set(d, -2.10102402082508e-06F));
  p = hn::MulAdd(p, s, hn::Set(d, -5.69250639462346e-05F));
  p = hn::MulAdd(p, s, hn::Set(d, -7.34990630326855e-04F));
  p = hn::MulAdd(p, s, hn::Set(d, -2.95459980854025e-03F));
  p = hn::MulAdd(p, s, hn::Set(d, -1.60960333262415e-02F));
  V q = hn::Set(d, -1.45660718464996e-05F);
  q = hn::MulAdd(q, s, hn::Set(d, -2.13374055278905e-04F));
  q = hn::MulAdd(q, s, hn::Set(d, -1.68282697438203e-03F));
  q = hn::MulAdd(q, s, hn::Set(d, -7.37332916720468e-03F));
  q = hn::MulAdd(q, s, hn::Set(d, -1.42647390514189e-02F));
  return hn::Div(hn::Mul(x, p), q);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu(D d, V x) {
  const V share = erf(d, hn::Mul(x, hn::Set(d, 0.70710678118654752F)));
  const V half = hn::Mul(x, hn::Set(d, 0.5F));
  return hn::MulAdd(half, share, half);
}

/// Phi(x) + x phi(x).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gelu_slope(D d, V x) {
  const V half = hn::Set(d, 0.5F);
  const V share = erf(d, hn::Mul(x, hn::Set(d, 0.70710678118654752F)));
  const V bell = hn::Mul(hn::Set(d, 0.39894228040143268F),
                         hn::Exp(d, hn::Neg(hn::Mul(half, hn::Mul(x, x)))));
  return hn::MulAdd(x, bell, hn::MulAdd(half, share, half));
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
