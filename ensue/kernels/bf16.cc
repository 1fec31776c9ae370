// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/bf16.h"

#include <cstdlib>
#include <string_view>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/bf16.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Adding half of the last kept bit, and that bit, carries where it rounds up.
// A NaN keeps its upper half with the quiet bit set.
void to_bf16_scaled(const float* x, float scale, Half* out, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const hn::RebindToUnsigned<decltype(d)> du;
    const hn::Rebind<Half, decltype(d)> dh;
    const auto value = hn::Mul(hn::LoadU(d, x + i), hn::Set(d, scale));
    const auto bits = hn::BitCast(du, value);
    const auto last = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
    const auto rounded =
        hn::ShiftRight<16>(hn::Add(bits, hn::Add(last, hn::Set(du, 0x7FFF))));
    const auto nan = hn::Or(hn::ShiftRight<16>(bits), hn::Set(du, 0x40));
    const auto is_nan = hn::RebindMask(du, hn::IsNaN(value));
    hn::StoreU(hn::TruncateTo(dh, hn::IfThenElse(is_nan, nan, rounded)), dh,
               out + i);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(to_bf16_scaled);

void to_bf16_scaled(const float* x, float scale, Half* out,
                    std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(to_bf16_scaled)(x, scale, out, size);
}

void to_bf16(const float* x, Half* out, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(to_bf16_scaled)(x, 1, out, size);
}

bool cpu_has_bf16() noexcept {
  static const bool has = [] {
    // The library's own switch for trying lesser CPUs.
    const char* most = std::getenv("ONEDNN_MAX_CPU_ISA");
    const std::string_view isa = most == nullptr ? "" : most;
    const bool held_back = !isa.empty() && isa != "DEFAULT" && isa != "ALL" &&
                           !isa.starts_with("AVX512_CORE_BF16") &&
                           !isa.starts_with("AVX512_CORE_AMX");
    return !held_back && __builtin_cpu_supports("avx512bf16") != 0;
  }();
  return has;
}

}  // namespace ensue::kernels
#endif
