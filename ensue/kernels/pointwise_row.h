// SPDX-License-Identifier: Apache-2.0
// One query over the keys and values of one user's last events, each weighed
// by itself: attention without a softmax (Zhai et al. 2024, arXiv:2402.17152,
// eq. 2).
#pragma once

#include <cstddef>

#include "ensue/kernels/attention_row.h"

namespace ensue::kernels {

/// Which places of the memory hold events: [0, count), the oldest at `oldest`,
/// the others behind it, going round.
struct Ring {
  std::size_t oldest = 0, count = 0;
};

/// out[h] = sum_j silu(query[h] . K[h][j] + bias[j]) V[h][j] / window
/// over the events of the ring; attention_store() fills it. Sums run from the
/// oldest event on: bits depend on the events, not on where they lie.
/// @param query, out  [width], may be the same.
/// @param bias        [count], by place.
/// @param scores      [stride()] scratch.
void pointwise_row(const AttentionShape& shape, const Ring& ring,
                   const float* query, const float* keys, const float* values,
                   const float* bias, float* scores, float* out) noexcept;

}  // namespace ensue::kernels
