// SPDX-License-Identifier: Apache-2.0
// SiLU, x sigmoid(x), over one row (Elfwing et al. 2018, arXiv:1702.03118).
// Every number depends on its own inputs alone, in bits.
#pragma once

#include <cstddef>

namespace ensue::kernels {

/// x = scale * silu(x + bias); `bias` null: none.
void silu_row(float* x, const float* bias, float scale,
              std::size_t size) noexcept;

/// The same, and the gradient through it: `slope` holds d loss / d result on
/// entry and d loss / d x on return.
void silu_back(float* x, const float* bias, float scale, float* slope,
               std::size_t size) noexcept;

}  // namespace ensue::kernels
