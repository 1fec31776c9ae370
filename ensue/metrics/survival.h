// SPDX-License-Identifier: Apache-2.0
// How long something lasts, where part of it is still going on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ensue::metrics {

/// The share that lasts longer than a time; a step down at each time at which
/// something ended.
class SurvivalCurve {
 public:
  struct Step {
    double time = 0;
    double survival = 1;       // just after `time`
    double low = 1, high = 1;  // pointwise interval of 95 %
    double at_risk = 0;        // that lasted until then
  };
  explicit SurvivalCurve(std::vector<Step> steps) : steps_(std::move(steps)) {}

  /// P(lasts longer than `time`).
  double at(double time) const noexcept;
  /// P(lasts longer than `elapsed + time`, given longer than `elapsed`); NaN
  /// where nothing is known to last longer than `elapsed`.
  double after(double elapsed, double time) const noexcept;
  /// The first time at which at most `share` are left; NaN: never seen.
  double quantile_left(double share) const noexcept;
  const std::vector<Step>& steps() const noexcept { return steps_; }

 private:
  const Step* step_at(double time) const noexcept;
  std::vector<Step> steps_;  // rising times
};

/// The estimator of Kaplan and Meier (1958, doi:10.2307/2281868) with
/// Greenwood's variance, the interval on the scale of log(-log S)
/// (Kalbfleisch & Prentice 2002, section 1.4). O(n log n).
/// @param durations  at least 0.
/// @param ended      as many: 1 where the end was seen, 0 where it still went
///   on after that time.
/// @throws Error(kInvalidArgument) when sizes differ, nothing is there, or a
///   duration is negative or no number.
SurvivalCurve kaplan_meier(std::span<const double> durations,
                           std::span<const unsigned char> ended);

}  // namespace ensue::metrics
