// SPDX-License-Identifier: Apache-2.0
// A row of logits turned into its own gradient, in place.
#pragma once

#include <cstddef>

namespace ensue::kernels {

/// With x = row + bias (`bias` null: none): row becomes total * softmax(x).
/// Returns log(sum exp(x)). This is the part of a cross-entropy's gradient that
/// is the same for every target. `size` at least 1; sums in fp32 lanes.
double softmax_row(float* row, const float* bias, std::size_t size,
                   float total) noexcept;

/// Gradient through p = softmax(s): slope becomes p * (slope - <p, slope>).
void softmax_back(const float* p, float* slope, std::size_t size) noexcept;

}  // namespace ensue::kernels
