// SPDX-License-Identifier: Apache-2.0
// The logarithm of a dense prior plus a sparse rest, made in place.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace ensue::runtime {

/// out[i] = log(share * prior_i + scale * (sum of what add() gave item i)).
///
/// `out` itself holds the sums on the way: a negative slot is a finished
/// logarithm, any other one a sum. So nothing is allocated, and only items
/// with a sum cost an exponential and a logarithm. All logarithms of the prior
/// must be below 0 (check_prior).
class Mixture {
 public:
  /// @param log_prior, out  [items].  @param share  in (0, 1].
  Mixture(std::span<const float> log_prior, float share,
          std::span<float> out) noexcept
      : log_prior_(log_prior), log_share_(std::log(share)), out_(out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = log_prior[i] + log_share_;
    }
  }

  /// @param mass  more than 0.
  void add(std::uint32_t item, float mass) noexcept {
    float& slot = out_[item];
    slot = slot < 0 ? mass : slot + mass;
  }

  /// To be called for every item given to add(), once or more, at the end.
  void finish(std::uint32_t item, float scale) noexcept {
    float& slot = out_[item];
    if (slot < 0) return;
    const float prior = std::exp(log_prior_[item] + log_share_);
    slot = std::min(std::log(scale * slot + prior),
                    -std::numeric_limits<float>::min());
  }

 private:
  std::span<const float> log_prior_;
  float log_share_;
  std::span<float> out_;
};

}  // namespace ensue::runtime
