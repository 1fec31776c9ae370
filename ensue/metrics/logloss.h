// SPDX-License-Identifier: Apache-2.0
// How surprised a predicted distribution is.
#pragma once

#include "ensue/metrics/ranking.h"

namespace ensue::metrics {

/// Most that one target costs: a probability below the smallest normal float,
/// 2^-126, counts as 2^-126, so that one impossible target does not make every
/// mean infinite. About 87.34 nats.
inline constexpr double kWorstLoss = 126 * 0.693147180559945309417;

/// -log p for the item of this logit; in [0, kWorstLoss].
double loss_of(float logit, double log_sum);

/// Mean loss of the targets of one question, 0 when there are none.
double logloss(const Outcome& outcome, int k);

}  // namespace ensue::metrics
