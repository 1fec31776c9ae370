// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/chosen_rows.h"

#include <cassert>

// Built for the same CPU levels as packed_linear.cc, so that both have fused
// multiply-adds or neither.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/chosen_rows.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Chains that hide each other's latency.
template <int kChains>
HWY_INLINE void chains(const LinearRows& rows, const std::uint32_t* chosen,
                       const float* x, float* out) {
  const hn::CappedTag<float, 1> one;
  const float* row[kChains];
  hn::Vec<decltype(one)> sum[kChains];
#pragma GCC unroll 8
  for (int c = 0; c < kChains; ++c) {
    row[c] = rows.row(chosen[c]);
    sum[c] = hn::Set(one, rows.bias.empty() ? 0.0F : rows.bias[chosen[c]]);
  }
  for (std::size_t k = 0; k < rows.inputs; ++k) {
    const auto value = hn::Set(one, x[k]);
#pragma GCC unroll 8
    for (int c = 0; c < kChains; ++c) {
      sum[c] = hn::MulAdd(value, hn::Set(one, row[c][k]), sum[c]);
    }
  }
#pragma GCC unroll 8
  for (int c = 0; c < kChains; ++c) out[c] = hn::GetLane(sum[c]);
}

void chosen_rows(const LinearRows& rows, const std::uint32_t* chosen,
                 std::size_t size, const float* x, float* out) {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) chains<8>(rows, chosen + i, x, out + i);
  if (i + 4 <= size) {
    chains<4>(rows, chosen + i, x, out + i);
    i += 4;
  }
  for (; i < size; ++i) chains<1>(rows, chosen + i, x, out + i);
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(chosen_rows);

void chosen_rows(const LinearRows& rows, std::span<const std::uint32_t> chosen,
                 std::span<const float> x, std::span<float> out) noexcept {
  assert(x.size() >= rows.inputs && out.size() >= chosen.size());
  HWY_DYNAMIC_DISPATCH(chosen_rows)
  (rows, chosen.data(), chosen.size(), x.data(), out.data());
}

}  // namespace ensue::kernels
#endif
