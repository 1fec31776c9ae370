// SPDX-License-Identifier: Apache-2.0
// Element-wise gates of feed-forward and residual parts for one row, forward
// and backward. s is the sigmoid; bits depend on the row alone.
#pragma once

#include <cstddef>

namespace ensue::kernels {

/// out = base + s(gate) x, a gated residual. `out` may be any input.
void gated_add_row(const float* gate, const float* x, const float* base,
                   float* out, std::size_t size) noexcept;
/// From dout = d loss / d out, which is d loss / d base as well.
void gated_add_back(const float* gate, const float* x, const float* dout,
                    float* dgate, float* dx, std::size_t size) noexcept;

/// out = gate s(gate) up: SwiGLU (Shazeer 2020, arXiv:2002.05202). `out` may be
/// any input.
void swiglu_row(const float* gate, const float* up, float* out,
                std::size_t size) noexcept;
void swiglu_back(const float* gate, const float* up, const float* dout,
                 float* dgate, float* dup, std::size_t size) noexcept;

}  // namespace ensue::kernels
