// SPDX-License-Identifier: Apache-2.0
// One optimiser step over an array of parameters, fused.
#pragma once

#include <cstddef>

namespace ensue::kernels {

/// Adam (Kingma & Ba 2015, arXiv:1412.6980) as torch computes it. `decay` > 0
/// shrinks the value first (AdamW, Loshchilov & Hutter, arXiv:1711.05101).
struct AdamStep {
  float rate = 1e-3F, beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
  float decay = 0;                   // rate * weight decay
  float gradient_scale = 1;          // clipping
  float correct1 = 1, correct2 = 1;  // 1 / (1 - beta^t)
};

/// Updates value, first and second moment, and clears the gradient.
void adam(const AdamStep& step, float* value, float* gradient, float* first,
          float* second, std::size_t size) noexcept;

/// Heavy-ball SGD as torch computes it: b = momentum b + g + decay value;
/// value -= rate b. Clears the gradient.
struct SgdStep {
  float rate = 1e-2F, momentum = 0.9F, decay = 0, gradient_scale = 1;
};
void sgd(const SgdStep& step, float* value, float* gradient, float* buffer,
         std::size_t size) noexcept;

}  // namespace ensue::kernels
