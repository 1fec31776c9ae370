// SPDX-License-Identifier: Apache-2.0
// bf16 numbers: fp32 with the lower half of the bits rounded away.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ensue::kernels {

using Half = std::uint16_t;

/// out[i] = x[i] rounded to the nearest bf16, ties to even; NaN stays NaN.
void to_bf16(const float* x, Half* out, std::size_t size) noexcept;

/// out[i] = scale * x[i], rounded so.
void to_bf16_scaled(const float* x, float scale, Half* out,
                    std::size_t size) noexcept;

inline float from_bf16(Half x) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}

/// Does the CPU multiply bf16 numbers (AVX512-BF16 or AMX)? Without, bf16
/// products are computed in fp32 from rounded numbers: right, and slow.
bool cpu_has_bf16() noexcept;

}  // namespace ensue::kernels
