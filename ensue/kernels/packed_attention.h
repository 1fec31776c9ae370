// SPDX-License-Identifier: Apache-2.0
// Attention over whole packed sequences, forward and backward, for training.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ensue::kernels {

/// What event i of a sequence sees: with `causal` the events up to itself, else
/// all of its sequence; with `window` > 0 (causal alone) only the last `window`
/// of them, itself included.
struct AttentionReach {
  bool causal = true;
  std::size_t window = 0;

  std::size_t first(std::size_t i) const noexcept {
    return window == 0 || i < window ? 0 : i + 1 - window;
  }
  std::size_t last(std::size_t i, std::size_t length) const noexcept {
    return causal ? i + 1 : length;
  }
};

/// One head of one sequence of `length` events: queries, keys and values
/// [length, depth], each row `stride` floats after the one before.
///   score(i, j) = q_i . k_j / sqrt(depth) + bias[min(i - j, size - 1)]
///   out_i = sum_j softmax_j(score(i, j)) v_j   over what i sees
struct AttentionHead {
  const float *queries = nullptr, *keys = nullptr, *values = nullptr;
  std::size_t length = 0, depth = 0, stride = 0;
  AttentionReach reach;
  std::span<const float> bias;  // by distance, causal alone; empty: none
};

/// Buffers of one thread, of O(length * depth) floats; they grow to what the
/// longest sequence needs and stay.
class AttentionScratch {
 public:
  /// At least `floats` floats, aligned to 64 bytes, of any content.
  float* take(std::size_t floats);

 private:
  std::vector<float> memory_;
};

/// Forward: blocks of queries against blocks of keys that fit the cache, with a
/// running maximum and normaliser; no square is ever kept.
/// Source: FlashAttention, Dao et al. 2022, arXiv:2205.14135.
/// @param out       [length, depth], rows `out_stride` apart.
/// @param log_sums  [length]: log2 of sum_j exp(score(i, j)), for the backward.
void packed_attention(const AttentionHead& head, float* out,
                      std::size_t out_stride, float* log_sums,
                      AttentionScratch& scratch);

/// What the forward pass gave, with d loss / d out: rows `stride` apart.
struct AttentionSlope {
  const float *out = nullptr, *dout = nullptr, *log_sums = nullptr;
  std::size_t stride = 0;
};

/// Backward: d loss / d queries, keys, values replace what stood there; rows
/// are as far apart as those of `head`. Scores are computed anew.
/// @param dbias  d loss / d bias is added to it; empty without a bias.
struct AttentionGradient {
  float *queries = nullptr, *keys = nullptr, *values = nullptr;
  std::span<float> dbias;
};
void packed_attention_back(const AttentionHead& head,
                           const AttentionSlope& slope,
                           const AttentionGradient& gradient,
                           AttentionScratch& scratch);

}  // namespace ensue::kernels
