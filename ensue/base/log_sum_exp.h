// SPDX-License-Identifier: Apache-2.0
// The normaliser of a softmax.
#pragma once

#include <span>

namespace ensue {

/// log(sum exp(logits)) in nats; NaN and -infinity count as probability 0;
/// -infinity when nothing remains. Relative error of the sum below 1e-6
/// (single-precision exponentials, summed in double).
double log_sum_exp(std::span<const float> logits);

}  // namespace ensue
