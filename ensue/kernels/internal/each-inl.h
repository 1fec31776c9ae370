// SPDX-License-Identifier: Apache-2.0
// Element-wise loops over arrays of any length, inside a Highway file.
#include <cstddef>

#if defined(ENSUE_KERNELS_EACH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ENSUE_KERNELS_EACH_INL_H
#undef ENSUE_KERNELS_EACH_INL_H
#else
#define ENSUE_KERNELS_EACH_INL_H
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

/// Calls body(d, i) for whole vectors of places [i, i + Lanes(d)), then one by
/// one for the rest: reads and writes nothing beyond `size`.
template <class Body>
HWY_INLINE void each(std::size_t size, const Body& body) {
  const hwy::HWY_NAMESPACE::ScalableTag<float> d;
  const hwy::HWY_NAMESPACE::CappedTag<float, 1> one;
  const std::size_t lanes = hwy::HWY_NAMESPACE::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) body(d, i);
  for (; i < size; ++i) body(one, i);
}

/// 1 / (1 + e^-x), saturating beyond +-80.
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V sigmoid(D d, V x) {
  namespace hn = hwy::HWY_NAMESPACE;
  const V limited = hn::Clamp(x, hn::Set(d, -80.0F), hn::Set(d, 80.0F));
  const V one = hn::Set(d, 1.0F);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(limited))));
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
