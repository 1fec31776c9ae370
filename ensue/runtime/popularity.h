// SPDX-License-Identifier: Apache-2.0
// The same answer for everybody: what is chosen most.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "ensue/artifact/artifact.h"
#include "ensue/runtime/internal/head.h"

namespace ensue::runtime {

/// Tensor: log_probability F32 [items].
class PopularityHead final : public Head {
 public:
  /// Head number `place` of an artifact, which must outlive it.
  /// @throws Error(kCorrupt) when the tensor is missing or does not fit.
  PopularityHead(const artifact::Artifact& artifact, std::size_t place);
  /// @param log_probability  kept alive by the caller.
  explicit PopularityHead(std::span<const float> log_probability);

  void score(std::span<const float> x, std::span<const events::Event> recent,
             std::span<float> out) const noexcept override;

 private:
  std::span<const float> log_probability_;
};

/// @throws Error(kCorrupt) naming `where` unless every value is finite and
///   below 0, as the logarithms of a smoothed distribution are.
void check_log_prior(std::span<const float> values, std::string_view where);

}  // namespace ensue::runtime
