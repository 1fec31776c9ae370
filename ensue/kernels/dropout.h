// SPDX-License-Identifier: Apache-2.0
// Dropout whose choices are a function of a key and a place, not of threads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ensue::kernels {

/// Which elements of one dropout site fall in one training step. Element i
/// falls when a 31-bit hash of (key, i) is below rate * 2^31 (Wellons'
/// lowbias32 with the key mixed in twice: statistical, not cryptographic).
struct DropoutKey {
  std::uint64_t key = 0;
  double rate = 0;  // in [0, 1)

  static DropoutKey make(std::uint64_t seed, std::uint64_t step,
                         std::uint64_t site, double rate) noexcept;
};

/// out[i] = base[i] + (kept(first + i) ? x[i] / (1 - rate) : 0); `base` null:
/// zero. `first` is the place of x[0], so pieces computed on several threads
/// equal the whole. The gradient of x is the same call on the gradient of out.
/// `out` may be `x` or `base`.
void dropout(const DropoutKey& key, std::size_t first, const float* x,
             const float* base, float* out, std::size_t size) noexcept;

/// What follows a matrix product, in one pass: element (r, c) of `out` becomes
///   base[r, c] + (kept(place) ? (x[r, c] + bias[c]) / (1 - rate) : 0)
/// with place = first + r width + c. `out` may be `x` or `base`.
void bias_dropout_add(const DropoutKey& key, std::size_t first, const float* x,
                      const float* bias, const float* base, std::size_t rows,
                      std::size_t width, float* out) noexcept;

}  // namespace ensue::kernels
