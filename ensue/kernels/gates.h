// SPDX-License-Identifier: Apache-2.0
// The element-wise part of recurrent cells for one row, forward and backward.
#pragma once

#include <cstddef>

namespace ensue::kernels {

// All arrays are of one row (one sequence at one time); `width` is the number
// of units. The equations are torch's, biases already added.

/// h = tanh(h), in place.
void tanh_row(float* h, std::size_t width) noexcept;
/// pre = dh * (1 - h^2): gradient before the tanh.
void tanh_back(const float* h, const float* dh, float* pre,
               std::size_t width) noexcept;

/// Gated recurrent unit (Cho et al. 2014). gx, gh [3 width]: the input's and
/// the state's share of gates r z n; on return gx holds the gates.
///   r = s(gx_r + gh_r)  z = s(gx_z + gh_z)  n = tanh(gx_n + r gh_n)
///   h = (1 - z) n + z before
void gru_row(float* gx, const float* gh, const float* before, float* h,
             std::size_t width) noexcept;
/// @param gates  what gru_row left in gx; dgx receives d loss / d gx there.
/// @param gh_n   [width] the state's share of n.
/// @param dgh    [3 width] receives d loss / d gh.
/// @param carry  [width] receives the direct part of d loss / d before.
void gru_back(float* gates, const float* gh_n, const float* before,
              const float* dh, float* dgh, float* carry,
              std::size_t width) noexcept;

/// Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates).
/// gates [4 width], order i f g o: sums on entry, activations on return.
///   c = s(f) c_before + s(i) tanh(g)      h = s(o) tanh(c)
void lstm_row(float* gates, const float* c_before, float* c, float* h,
              std::size_t width) noexcept;
/// gates: activations on entry, gradients of the sums on return. dc [width]:
/// gradient of c from later steps on entry, of c_before on return.
void lstm_back(float* gates, const float* c_before, const float* c,
               const float* dh, float* dc, std::size_t width) noexcept;

}  // namespace ensue::kernels
