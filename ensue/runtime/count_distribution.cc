// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/count_distribution.h"

#include <cmath>
#include <string>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::runtime {

CountDistribution::CountDistribution(std::vector<double> probabilities)
    : probabilities_(std::move(probabilities)) {
  double sum = 0;
  for (std::size_t n = 0; n < probabilities_.size(); ++n) {
    if (!(probabilities_[n] >= 0) || !std::isfinite(probabilities_[n])) {
      invalid("counts: P(" + std::to_string(n) + ") is " +
              std::to_string(probabilities_[n]));
    }
    sum += probabilities_[n];
  }
  if (!(sum > 0)) invalid("counts: no probability above 0");
  for (double& p : probabilities_) p /= sum;
}

double CountDistribution::mean() const noexcept {
  double sum = 0;
  for (std::size_t n = 0; n < probabilities_.size(); ++n) {
    sum += static_cast<double>(n) * probabilities_[n];
  }
  return sum;
}

std::size_t CountDistribution::quantile(double share) const noexcept {
  double sum = 0;
  for (std::size_t n = 0; n + 1 < probabilities_.size(); ++n) {
    sum += probabilities_[n];
    if (sum >= share) return n;
  }
  return probabilities_.size() - 1;
}

}  // namespace ensue::runtime
