// SPDX-License-Identifier: Apache-2.0
// Matrix products of tensors in either precision.
#pragma once

#include "ensue/kernels/gemm.h"
#include "ensue/nn/parameter.h"

namespace ensue::nn {

/// `x` [rows, cols] as products read it: itself, or rounded to bf16.
at::Tensor factor_of(const at::Tensor& x, Precision precision);

/// A factor, transposed or not.
struct Side {
  const at::Tensor& x;
  bool transposed = false;
};
inline Side transposed(const at::Tensor& x) { return {x, true}; }

/// c becomes (or grows by) a b; both factors are fp32 or both bf16.
void product(const Side& a, const Side& b, float* c, std::size_t stride,
             const kernels::Product& how = {});

/// out[c] += sum of column c of `x` [rows, cols], fp32.
void add_column_sums(const at::Tensor& x, float* out);
void add_column_sums(const float* x, std::size_t rows, std::size_t cols,
                     float* out);

}  // namespace ensue::nn
