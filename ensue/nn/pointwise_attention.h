// SPDX-License-Identifier: Apache-2.0
// Attention over packed sequences without a softmax, in a sliding window.
#pragma once

#include "ensue/nn/packed.h"
#include "ensue/nn/parameter.h"
#include "ensue/nn/torch.h"

namespace ensue::nn {

/// Biases of a pair of events by the places and by the time between them.
struct PairBias {
  Parameter* position = nullptr;  // [window]
  Parameter* time = nullptr;      // [artifact::time_bucket's buckets], or null
};

/// Per head, of columns [h d, (h + 1) d), d = width / heads:
///   out[i] = sum_j silu(q_i . k_j + position[i - j] + time[bucket(t_i - t_j)])
///            v_j / window       over i - window < j <= i of the same sequence
/// Source: Zhai et al. 2024, arXiv:2402.17152, eq. 2.
///
/// Works on blocks of rows and recomputes them when it goes backward, so that
/// memory is n * width; O(n * window * width) time. A number of threads changes
/// no bits. With `time` every event of the batch has a time.
/// @param uvqk  [n, 4 width]: u (not read), values, queries, keys.
/// @return      [n, width]
at::Tensor pointwise_attention(const at::Tensor& uvqk, const Packed& batch,
                               int heads, const PairBias& bias);

}  // namespace ensue::nn
