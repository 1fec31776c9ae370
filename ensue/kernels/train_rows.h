// SPDX-License-Identifier: Apache-2.0
// Loops over many rows that training runs between its matrix products.
//
// All matrices are fp32, row-major and contiguous: [rows, width]. One thread
// each; results that are sums over rows are added to, rows in order.
#pragma once

#include <cstddef>

namespace ensue::kernels {

/// out[c] += sum over rows of x[r, c], c in [0, width); rows are `stride`
/// apart.
void add_columns(const float* x, std::size_t rows, std::size_t width,
                 std::size_t stride, float* out) noexcept;

/// out[i] += scale * x[i].
void add_scaled(const float* x, float scale, float* out,
                std::size_t size) noexcept;

/// y[r, c] += bias[c], and then max(0, .) when `relu`.
void add_bias(float* y, const float* bias, std::size_t rows, std::size_t width,
              bool relu) noexcept;

/// y[r, c] += bias[c]; out = gelu(y), as of gelu_row().
void bias_gelu(float* y, const float* bias, std::size_t rows, std::size_t width,
               float* out) noexcept;

/// slope[i] = dout[i] * d gelu(y[i]) / d y[i].
void gelu_back(const float* y, const float* dout, float* slope,
               std::size_t size) noexcept;

/// slope[i] = y[i] > 0 ? slope[i] : 0, for y = relu(.).
void relu_back(const float* y, float* slope, std::size_t size) noexcept;

/// What the backward pass needs of a row.
struct RowMoments {
  float mean, inverse;  // inverse = 1 / sqrt(variance + epsilon)
};

/// out = (x - mean) * inverse * weight + bias, per row.
/// Source: Ba et al. 2016, arXiv:1607.06450.
void layer_norm_rows(const float* x, const float* weight, const float* bias,
                     float epsilon, std::size_t rows, std::size_t width,
                     float* out, RowMoments* moments) noexcept;

/// dx becomes the gradient of x; dweight and dbias are added to.
void layer_norm_back(const float* x, const RowMoments* moments,
                     const float* weight, const float* dout, std::size_t rows,
                     std::size_t width, float* dx, float* dweight,
                     float* dbias) noexcept;

}  // namespace ensue::kernels
