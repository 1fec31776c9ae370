// SPDX-License-Identifier: Apache-2.0
// What happens to one row of numbers on the way through a layer. Bits depend
// on the row alone.
#pragma once

#include <cstddef>
#include <span>

namespace ensue::kernels {

/// out = (x - mean) / sqrt(variance + 1e-5) * weight + bias, over the row.
/// Ba et al. 2016, arXiv:1607.06450. `out` may be `x`.
void layer_norm_row(std::span<const float> x, std::span<const float> weight,
                    std::span<const float> bias, std::span<float> out) noexcept;

/// x = max(x, 0).
void relu_row(std::span<float> x) noexcept;

/// x = x Phi(x), Phi by the error function (Hendrycks & Gimpel 2016,
/// arXiv:1606.08415); within 1e-6 of the exact value for |x| <= 10.
void gelu_row(std::span<float> x) noexcept;

/// y += x.
void add_row(std::span<const float> x, std::span<float> y) noexcept;

/// Logits to probabilities, in place; sums in double.
void softmax_exact(std::span<float> x) noexcept;

}  // namespace ensue::kernels
