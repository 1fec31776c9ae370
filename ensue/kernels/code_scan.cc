// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/internal/code_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>

// For the level that multiplies bytes into sums in one instruction.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/code_scan.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#ifndef ENSUE_KERNELS_CODE_SCAN_ONCE
#define ENSUE_KERNELS_CODE_SCAN_ONCE
namespace ensue::kernels {
// So many rows of a block are sooner summed than their low halves read.
inline constexpr int kFewRows = 4;
inline constexpr std::size_t kAhead = 4;     // blocks
inline constexpr float kIntegers = 1 << 30;  // beyond any sum of codes
}  // namespace ensue::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<std::int32_t, 16>;
using V = hn::Vec<D>;
using F = hn::Rebind<float, D>;

// Vectors of sums that are made together, to hide latency.
constexpr std::size_t kTogether = hn::MaxLanes(D()) == 1 ? 1 : 4;

// sum + the products of four bytes u, below 16, with four signed bytes s.
HWY_INLINE V add_products(V sum, V u, V s) {
#if HWY_TARGET == HWY_AVX3_DL
  // Highway's flags for this level leave avx512vnni out.
  asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(u.raw), "v"(s.raw));
  return sum;
#elif HWY_TARGET == HWY_AVX3
  const auto pairs = _mm512_maddubs_epi16(u.raw, s.raw);
  return hn::Add(sum, V{_mm512_madd_epi16(pairs, _mm512_set1_epi16(1))});
#elif HWY_TARGET == HWY_AVX2
  const auto pairs = _mm256_maddubs_epi16(u.raw, s.raw);
  return hn::Add(sum, V{_mm256_madd_epi16(pairs, _mm256_set1_epi16(1))});
#elif HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
  const auto pairs = _mm_maddubs_epi16(u.raw, s.raw);
  return hn::Add(sum, V{_mm_madd_epi16(pairs, _mm_set1_epi16(1))});
#else
  const V byte = hn::Set(D(), 0xFF);
  const auto add = [&](V total, V from, V by) HWY_ATTR {
    const V code = hn::ShiftRight<24>(hn::ShiftLeft<24>(by));
    return hn::Add(total, hn::Mul(hn::And(from, byte), code));
  };
  sum = add(sum, u, s);
  sum = add(sum, hn::ShiftRight<8>(u), hn::ShiftRight<8>(s));
  sum = add(sum, hn::ShiftRight<16>(u), hn::ShiftRight<16>(s));
  return add(sum, hn::ShiftRight<24>(u), hn::ShiftRight<24>(s));
#endif
}

// Sums of half codes of one block: sums[r] += weight * (halves of r . p).
template <int kWeight, class Keep>
HWY_INLINE void half_sums(const CodeScan& scan, const std::int32_t* halves,
                          const Keep& keep) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  const V half = hn::Set(d, 0x0F0F0F0F);
  for (std::size_t r = 0; r < CodeTable::kBlock; r += kTogether * lanes) {
    V even[kTogether], odd[kTogether];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kTogether; ++v) even[v] = odd[v] = hn::Zero(d);
    const std::int32_t* at = halves + r;
    for (std::size_t p = 0; p < scan.pairs; ++p, at += CodeTable::kBlock) {
      const V first = hn::Set(d, scan.codes[2 * p]);
      const V second = hn::Set(d, scan.codes[2 * p + 1]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kTogether; ++v) {
        const V both = hn::LoadU(d, at + v * lanes);
        even[v] = add_products(even[v], hn::And(both, half), first);
        odd[v] = add_products(odd[v], hn::And(hn::ShiftRight<4>(both), half),
                              second);
      }
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kTogether; ++v) {
      const V sum = hn::Add(even[v], odd[v]);
      keep(r + v * lanes, kWeight == 1 ? sum : hn::ShiftLeft<4>(sum));
    }
  }
}

template <class M>
HWY_INLINE std::uint64_t bits_of(M mask, std::size_t row) {
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(D(), mask, bytes);
  const std::uint64_t bits = bytes[0] | std::uint64_t{bytes[1]} << 8;
  return bits << row;
}

// Rows whose bias + factor * sum reaches `limit`; `sizes` is as large as any
// sum. Rounding of the bias is in the bias.
HWY_INLINE std::uint64_t reaching(const std::int32_t* sums, const float* bias,
                                  double factor, double limit, double sizes) {
  const D d;
  const F f;
  limit -= 0x1p-21 * (factor * sizes + std::abs(limit));
  const auto bound = hn::Set(f, static_cast<float>(limit));
  const auto by = hn::Set(f, static_cast<float>(factor));
  std::uint64_t out = 0;
  for (std::size_t r = 0; r < CodeTable::kBlock; r += hn::Lanes(d)) {
    const auto sum = hn::ConvertTo(f, hn::Load(d, sums + r));
    const auto start = bias == nullptr ? hn::Zero(f) : hn::LoadU(f, bias + r);
    const auto reaches = hn::Ge(hn::MulAdd(sum, by, start), bound);
    out |= bits_of(hn::RebindMask(d, reaches), r);
  }
  return out;
}

// What `sums` of the high halves leave open, told by biases and low halves.
HWY_INLINE std::uint64_t told_apart(const CodeScan& scan, std::size_t block,
                                    double room, std::uint64_t open,
                                    std::int32_t* sums) {
  const CodeBlock& of = scan.blocks[block];
  const float* bias =
      scan.bias == nullptr ? nullptr : scan.bias + block * CodeTable::kBlock;
  const double factor = scan.step * of.scale, sizes = 255 * scan.sizes;
  if (bias != nullptr) {
    const double limit = room - scan.whole * of.coarse;
    open &=
        reaching(sums, bias, factor, limit + factor * 120.5 * scan.sum, sizes);
  }
  if (std::popcount(open) <= kFewRows) return open;
  const std::size_t halves = scan.pairs * CodeTable::kBlock;
  half_sums<1>(scan, scan.low + block * halves,
               [&](std::size_t r, V sum) HWY_ATTR {
                 const D d;
                 hn::Store(hn::Add(sum, hn::Load(d, sums + r)), d, sums + r);
               });
  return open &
         reaching(sums, bias, factor, room + factor * 128 * scan.sum, sizes);
}

// Biases are read now and then, which the memory does not foresee.
HWY_INLINE void fetch_biases(const CodeScan& scan, std::size_t block) {
  if (scan.bias == nullptr) return;
  const float* at = scan.bias + block * CodeTable::kBlock;
  for (std::size_t i = 0; i < CodeTable::kBlock; i += 16) hwy::Prefetch(at + i);
}

CodeHit next_hit(const CodeScan& scan) {
  const D d;
  const std::size_t halves = scan.pairs * CodeTable::kBlock;
  HWY_ALIGN std::int32_t sums[CodeTable::kBlock];
  for (std::size_t b = scan.from; b < scan.end; ++b) {
    const CodeBlock& of = scan.blocks[b];
    fetch_biases(scan, b + kAhead);
    const double above = scan.threshold - of.top;
    if (above > scan.length * of.reach) continue;
    const double errors = scan.length * of.error + scan.rest * of.size;
    const double least =
        (above - errors - scan.whole * of.coarse) / (scan.step * of.scale) +
        120.5 * scan.sum;
    const double bounded = std::clamp(std::floor(least) - 1, -double{kIntegers},
                                      double{kIntegers});
    const V enough = hn::Set(d, static_cast<std::int32_t>(bounded) - 1);
    std::uint64_t open = 0;
    half_sums<16>(scan, scan.high + b * halves,
                  [&](std::size_t r, V sum) HWY_ATTR {
                    hn::Store(sum, d, sums + r);
                    open |= bits_of(hn::Gt(sum, enough), r);
                  });
    if (open == 0) continue;
    if (scan.bias != nullptr || std::popcount(open) > kFewRows) {
      const double room = scan.threshold - errors;
      open = told_apart(scan, b, room, open, sums);
      if (open == 0) continue;
    }
    return {b, open};
  }
  return {scan.end, 0};
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(next_hit);

CodeHit next_hit(const CodeScan& scan) noexcept {
  return HWY_DYNAMIC_DISPATCH(next_hit)(scan);
}

}  // namespace ensue::kernels
#endif
