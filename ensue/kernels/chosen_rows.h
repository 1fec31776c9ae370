// SPDX-License-Identifier: Apache-2.0
// A few outputs of a wide linear layer, with the bits of all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ensue::kernels {

/// The weights of a PackedLinear as they came: a view.
struct LinearRows {
  std::span<const float> weight;  // [outputs, inputs], row-major
  std::span<const float> bias;    // [outputs], or empty for none
  std::size_t inputs = 0;

  std::size_t outputs() const noexcept { return weight.size() / inputs; }
  const float* row(std::size_t output) const noexcept {
    return weight.data() + output * inputs;
  }
};

/// out[i] = bias[chosen[i]] + weight[chosen[i]] . x, bit by bit what
/// PackedLinear::apply gives for these outputs on the same CPU level. About
/// 10 ns a row of 64 that is in the cache.
/// @param x  [inputs].  @param out  [chosen].
void chosen_rows(const LinearRows& rows, std::span<const std::uint32_t> chosen,
                 std::span<const float> x, std::span<float> out) noexcept;

}  // namespace ensue::kernels
