// SPDX-License-Identifier: Apache-2.0
// What is believed of a number of events: a probability for each count.
#pragma once

#include <cstddef>
#include <vector>

namespace ensue::runtime {

/// P(0), P(1), …; sums to 1 up to rounding.
class CountDistribution {
 public:
  /// Scaled to sum 1.
  /// @throws Error(kInvalidArgument) when a probability is negative or not
  ///   finite, or none is above 0.
  explicit CountDistribution(std::vector<double> probabilities);

  /// 0 beyond what is stored.
  double operator[](std::size_t count) const noexcept {
    return count < probabilities_.size() ? probabilities_[count] : 0;
  }
  std::size_t size() const noexcept { return probabilities_.size(); }

  /// The best answer to squared error.
  double mean() const noexcept;
  /// Smallest n with P(count <= n) >= share.
  std::size_t quantile(double share) const noexcept;
  /// The best answer to absolute error.
  std::size_t median() const noexcept { return quantile(0.5); }
  /// P(count >= 1).
  double any() const noexcept { return 1 - (*this)[0]; }

 private:
  std::vector<double> probabilities_;
};

}  // namespace ensue::runtime
