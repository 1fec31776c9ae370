// SPDX-License-Identifier: Apache-2.0
// The portable half of ops.h and pointwise_attention.h: the same contracts, on
// the device of their tensors. Gradients of tables go to the rows of their ids
// alone, which are marked; those of other parameters come from torch's graph.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/nn/ops.h"
#include "ensue/nn/pointwise_attention.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {

/// table[ids]: [ids, width], or [ids] of a column. Ids are within the table.
at::Tensor portable_rows(Parameter& table,
                         const std::vector<std::int64_t>& ids);
/// a b of two matrices, in bf16 rounded before and after.
at::Tensor portable_product(const at::Tensor& a, const at::Tensor& b,
                            Precision precision);

at::Tensor portable_embed(Parameter& table,
                          const std::vector<std::int64_t>& ids, float scale,
                          Parameter* mask);
at::Tensor portable_linear(const at::Tensor& x, Parameter& weight,
                           Parameter& bias);
at::Tensor portable_layer_norm(const at::Tensor& x, Parameter& weight,
                               Parameter& bias, double epsilon);
at::Tensor portable_dropout(const at::Tensor& x, const at::Tensor& base,
                            const DropoutSite& site);
at::Tensor portable_taps(const at::Tensor& x, const Packed& batch,
                         const Taps& taps);
at::Tensor portable_gated_add(const at::Tensor& gate, const at::Tensor& x,
                              const at::Tensor& base);
at::Tensor portable_swiglu(const at::Tensor& x);
at::Tensor portable_recurrent(Cell cell, const at::Tensor& x,
                              const RecurrentWeights& weights,
                              const Packed& batch);

/// What an event sees of its sequence: all, or no later event; then the last
/// `window`, 0: all of them.
struct Sight {
  bool causal = true;
  std::int64_t window = 0;
};
at::Tensor portable_attention(const at::Tensor& qkv, const Packed& batch,
                              int heads, const Sight& sight);
at::Tensor portable_pointwise_attention(const at::Tensor& uvqk,
                                        const Packed& batch, int heads,
                                        const PairBias& bias);

}  // namespace ensue::nn
