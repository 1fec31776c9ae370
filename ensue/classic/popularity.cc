// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/popularity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "ensue/base/error.h"

namespace ensue::classic {

std::vector<float> log_popularity(const Sequences& sequences,
                                  double smoothing) {
  if (!(smoothing > 0)) {
    invalid("popularity.smoothing: " + std::to_string(smoothing) +
            ", expected more than 0");
  }
  std::vector<double> counts(sequences.catalogue, smoothing);
  for (const std::uint32_t item : sequences.items) ++counts[item];
  const double total = static_cast<double>(sequences.items.size()) +
                       smoothing * static_cast<double>(sequences.catalogue);
  std::vector<float> out(counts.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = std::min(static_cast<float>(std::log(counts[i] / total)),
                      -std::numeric_limits<float>::min());
  }
  return out;
}

}  // namespace ensue::classic
