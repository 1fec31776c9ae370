// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/popularity.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ensue/base/error.h"

namespace ensue::runtime {

PopularityHead::PopularityHead(const artifact::Artifact& artifact,
                               std::size_t place)
    : PopularityHead(artifact.floats(
          artifact::Artifact::tensor_name("heads", place, "log_probability"),
          {static_cast<std::int64_t>(artifact.description().items.size())})) {}

PopularityHead::PopularityHead(std::span<const float> log_probability)
    : log_probability_(log_probability) {
  check_log_prior(log_probability, "popularity head");
}

void PopularityHead::score(std::span<const float>,
                           std::span<const events::Event>,
                           std::span<float> out) const noexcept {
  std::copy(log_probability_.begin(), log_probability_.end(), out.begin());
}

void check_log_prior(std::span<const float> values, std::string_view where) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && values[i] < 0) continue;
    throw Error(Code::kCorrupt,
                std::string(where) + ": log-probability of item " +
                    std::to_string(i) + " is " + std::to_string(values[i]) +
                    ", expected a finite number below 0");
  }
}

}  // namespace ensue::runtime
