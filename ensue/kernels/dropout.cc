// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/dropout.h"

#include "ensue/base/rng.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/dropout.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D, class V = hn::Vec<D>>
HWY_INLINE V hash(D d, V place, std::uint32_t low, std::uint32_t high) {
  V x = hn::Add(place, hn::Set(d, low));
  x = hn::Xor(x, hn::ShiftRight<16>(x));
  x = hn::Mul(x, hn::Set(d, 0x7FEB352DU));
  x = hn::Xor(x, hn::ShiftRight<15>(x));
  x = hn::Xor(x, hn::Set(d, high));
  x = hn::Mul(x, hn::Set(d, 0x846CA68BU));
  return hn::Xor(x, hn::ShiftRight<16>(x));
}

struct Choice {
  explicit Choice(const DropoutKey& key)
      : low(static_cast<std::uint32_t>(key.key)),
        high(static_cast<std::uint32_t>(key.key >> 32)),
        below(static_cast<std::int32_t>(key.rate * 0x1p31) - 1),
        scale(static_cast<float>(1 / (1 - key.rate))) {}

  // What is left of the values at `place` and behind it.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V left(D d, std::size_t place, V value) const {
    const hn::RebindToUnsigned<D> du;
    const hn::RebindToSigned<D> di;
    const auto places = hn::Iota(du, static_cast<std::uint32_t>(place));
    const auto draw =
        hn::BitCast(di, hn::ShiftRight<1>(hash(du, places, low, high)));
    const auto kept = hn::RebindMask(d, hn::Gt(draw, hn::Set(di, below)));
    return hn::IfThenElseZero(kept, hn::Mul(value, hn::Set(d, scale)));
  }

  std::uint32_t low, high;
  std::int32_t below;
  float scale;
};

void dropout(const DropoutKey& key, std::size_t first, const float* x,
             const float* base, float* out, std::size_t size) {
  const Choice choice(key);
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    auto y = choice.left(d, first + i, hn::LoadU(d, x + i));
    if (base != nullptr) y = hn::Add(y, hn::LoadU(d, base + i));
    hn::StoreU(y, d, out + i);
  });
}

void bias_dropout_add(const DropoutKey& key, std::size_t first, const float* x,
                      const float* bias, const float* base, std::size_t rows,
                      std::size_t width, float* out) {
  const Choice choice(key);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t start = r * width;
    each(width, [=](auto d, std::size_t c) HWY_ATTR {
      const std::size_t i = start + c;
      const auto value = hn::Add(hn::LoadU(d, x + i), hn::LoadU(d, bias + c));
      hn::StoreU(
          hn::Add(choice.left(d, first + i, value), hn::LoadU(d, base + i)), d,
          out + i);
    });
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(dropout);
HWY_EXPORT(bias_dropout_add);

DropoutKey DropoutKey::make(std::uint64_t seed, std::uint64_t step,
                            std::uint64_t site, double rate) noexcept {
  const std::uint64_t a = Rng::mix(seed + 0x9E3779B97F4A7C15ULL);
  const std::uint64_t b = Rng::mix(a ^ (step + 0xD1B54A32D192ED03ULL));
  return {Rng::mix(b ^ (site + 0x8CB92BA72F3D8DD7ULL)), rate};
}

void dropout(const DropoutKey& key, std::size_t first, const float* x,
             const float* base, float* out, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(dropout)(key, first, x, base, out, size);
}

void bias_dropout_add(const DropoutKey& key, std::size_t first, const float* x,
                      const float* bias, const float* base, std::size_t rows,
                      std::size_t width, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(bias_dropout_add)
  (key, first, x, bias, base, rows, width, out);
}

}  // namespace ensue::kernels
#endif
