// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/logloss.h"

#include <algorithm>

namespace ensue::metrics {

double loss_of(float logit, double log_sum) {
  const double loss = log_sum - static_cast<double>(logit);
  return loss <= kWorstLoss ? std::max(0.0, loss) : kWorstLoss;
}

double logloss(const Outcome& outcome, int /*k*/) {
  if (outcome.losses.empty()) return 0;
  double sum = 0;
  for (const double loss : outcome.losses) sum += loss;
  return sum / static_cast<double>(outcome.losses.size());
}

}  // namespace ensue::metrics
