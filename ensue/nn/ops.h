// SPDX-License-Identifier: Apache-2.0
// The ops that blocks are made of: hand-written gradients, packed sequences.
//
// All tensors are fp32, contiguous, on one device; portable.h says how other
// devices than the CPU compute. Ops add gradients to Parameter::grad when
// backward() reaches them. On the CPU the same threads give the same bits.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/nn/packed.h"
#include "ensue/nn/parameter.h"
#include "ensue/nn/torch.h"

namespace ensue::nn {

/// out[i] = scale * table[ids[i]], [ids, width]. Ids are within the table, or
/// kMasked: then scale * mask, zero if null, stands there.
/// @param mask  [width].
at::Tensor embed(Parameter& table, const std::vector<std::int64_t>& ids,
                 float scale = 1, Parameter* mask = nullptr);

/// x weight^T + bias: x [n, in], weight [out, in], bias [out].
at::Tensor linear(const at::Tensor& x, Parameter& weight, Parameter& bias);

/// max(0, linear(x, weight, bias)).
at::Tensor linear_relu(const at::Tensor& x, Parameter& weight, Parameter& bias);

/// gelu(linear(x, weight, bias)).
at::Tensor linear_gelu(const at::Tensor& x, Parameter& weight, Parameter& bias);

/// Per row: (x - mean) / sqrt(variance + 1e-5) * weight + bias.
at::Tensor layer_norm(const at::Tensor& x, Parameter& weight, Parameter& bias);

/// base + dropout(x); `base` undefined: dropout(x) alone. The choice is a
/// function of (seed, step, site, place) and of nothing else.
struct DropoutSite {
  double rate = 0;
  std::uint64_t seed = 0, step = 0, site = 0;
};
at::Tensor dropout(const at::Tensor& x, const at::Tensor& base,
                   const DropoutSite& site);

/// base + dropout(linear(x, weight, bias)); bias, choice and sum in one pass.
/// A rate of 0 is no dropout.
struct Residual {
  const at::Tensor& x;  // [n, in]
  Parameter &weight, &bias;
  const at::Tensor& base;  // [n, out]
  DropoutSite site;
};
at::Tensor residual(const Residual& sum);

/// The same sum and its layer_norm, whose pass over the rows is the same.
struct Normed {
  at::Tensor sum, normed;
};
Normed residual_norm(const Residual& sum, Parameter& norm_weight,
                     Parameter& norm_bias);

/// Causal attention within every sequence. qkv [n, 3 width]: queries, keys,
/// values; head h uses columns [h d, (h + 1) d) of each, d = width / heads.
///   out[i] = sum_{j <= i} softmax_j(q_i . k_j / sqrt(d)) v_j
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
at::Tensor causal_attention(const at::Tensor& qkv, const Packed& batch,
                            int heads);

/// The same where event i sees the last `window` >= 1 events, itself included.
at::Tensor windowed_attention(const at::Tensor& qkv, const Packed& batch,
                              int heads, int window);

/// The same where every event sees all of its sequence.
at::Tensor bidirectional_attention(const at::Tensor& qkv, const Packed& batch,
                                   int heads);

/// What every event's causal convolution reads, oldest tap first: with
/// s = dilation (kernel - 1)
///   out[i] = [x[i - s], x[i - s + dilation], …, x[i]],  [n, kernel width]
/// zero for events before the start of the event's sequence.
struct Taps {
  int kernel = 3, dilation = 1;
};
at::Tensor causal_taps(const at::Tensor& x, const Packed& batch,
                       const Taps& taps);

/// base + s(gate) x, s the sigmoid: a gated residual.
at::Tensor gated_add(const at::Tensor& gate, const at::Tensor& x,
                     const at::Tensor& base);

/// x [n, 2 width] -> [n, width]: g s(g) u with g the left half, u the right
/// one. Source: SwiGLU, Shazeer 2020, arXiv:2002.05202.
at::Tensor swiglu(const at::Tensor& x);

/// A recurrent layer from a zero state over every sequence: [n, in] ->
/// [n, hidden]. The cells are those of artifact::RecurrentConfig.
enum class Cell { kRnn, kGru, kLstm };
struct RecurrentWeights {
  Parameter *weight_ih, *weight_hh, *bias_ih, *bias_hh;
};
at::Tensor recurrent(Cell cell, const at::Tensor& x,
                     const RecurrentWeights& weights, const Packed& batch);

}  // namespace ensue::nn
