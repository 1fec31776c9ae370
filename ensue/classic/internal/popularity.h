// SPDX-License-Identifier: Apache-2.0
// How often each item was chosen.
#pragma once

#include <vector>

#include "ensue/classic/internal/sequences.h"

namespace ensue::classic {

/// log((count_i + smoothing) / (events + smoothing * catalogue)), [catalogue];
/// never 0, also when there is one item only: a head takes 0 for "no prior".
/// @throws Error(kInvalidArgument) unless smoothing > 0.
std::vector<float> log_popularity(const Sequences& sequences, double smoothing);

}  // namespace ensue::classic
