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

void dropout(const DropoutKey& key, std::size_t first, const float* x,
             const float* base, float* out, std::size_t size) {
  const auto low = static_cast<std::uint32_t>(key.key);
  const auto high = static_cast<std::uint32_t>(key.key >> 32);
  const auto below = static_cast<std::int32_t>(key.rate * 0x1p31) - 1;
  const auto scale = static_cast<float>(1 / (1 - key.rate));
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const hn::RebindToUnsigned<decltype(d)> du;
    const hn::RebindToSigned<decltype(d)> di;
    const auto place = hn::Iota(du, static_cast<std::uint32_t>(first + i));
    const auto draw =
        hn::BitCast(di, hn::ShiftRight<1>(hash(du, place, low, high)));
    const auto kept = hn::RebindMask(d, hn::Gt(draw, hn::Set(di, below)));
    auto y = hn::IfThenElseZero(
        kept, hn::Mul(hn::LoadU(d, x + i), hn::Set(d, scale)));
    if (base != nullptr) y = hn::Add(y, hn::LoadU(d, base + i));
    hn::StoreU(y, d, out + i);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(dropout);

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

}  // namespace ensue::kernels
#endif
