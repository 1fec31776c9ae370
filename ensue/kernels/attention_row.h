// SPDX-License-Identifier: Apache-2.0
// One query over the keys and values of one user's segment.
#pragma once

#include <cstddef>
#include <span>

namespace ensue::kernels {

/// Sizes of one attention memory. Keys lie transposed, [width, stride()], so
/// that one vector holds the same dimension of several events; values lie
/// [window, width].
struct AttentionShape {
  std::size_t width = 0, heads = 1, window = 0;

  /// Events rounded up to whole vectors of any CPU.
  std::size_t stride() const noexcept { return (window + 15) / 16 * 16; }
  std::size_t keys() const noexcept { return width * stride(); }
  std::size_t values() const noexcept { return window * width; }
};

/// Puts one event's key and value [width] at `place` < window.
void attention_store(const AttentionShape& shape, std::size_t place,
                     const float* key, const float* value, float* keys,
                     float* values) noexcept;

/// out[h] = softmax(query[h] K[h]^T / sqrt(width / heads)) V[h] over the first
/// `count` events (at least 1). Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
/// Bits depend on query and the first `count` events alone.
/// @param query, out  [width], may be the same.
/// @param scores      [stride()] scratch.
void attention_row(const AttentionShape& shape, const float* query,
                   const float* keys, const float* values, std::size_t count,
                   float* scores, float* out) noexcept;

}  // namespace ensue::kernels
