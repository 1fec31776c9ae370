// SPDX-License-Identifier: Apache-2.0
// Judging who a campaign changes, from a randomised experiment: nobody's own
// effect is ever seen, that of a group is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ensue::metrics {

/// A row per customer of the experiment.
struct Experiment {
  std::span<const double> scores;    // predicted effect, any scale
  std::span<const double> outcomes;  // 0 or 1, or any amount
  std::span<const std::uint8_t> treated;
  std::span<const double> weights = {};  // none: 1 each
};

// Customers are addressed by falling score; those of one score count as
// addressed evenly, so nothing depends on the order of ties. All take
// O(n log n) and throw Error(kInvalidArgument) in one line for no rows, lengths
// that differ, a number that is not finite, or an arm without customers.

/// What has been gained when a share of the customers is addressed.
struct GainPoint {
  double share = 0;  // of the customers, by weight
  double gain = 0;
};

/// Qini curve (Radcliffe 2007): with Y and N the sum of outcomes and the
/// customers of each arm among those addressed,
///   gain(share) = (Y_t - Y_c N_t / N_c) / all treated customers,
/// Y_c N_t / N_c being 0 before the first control. From (0, 0); the last gain
/// is the mean effect. Random addressing is the straight line between them.
std::vector<GainPoint> qini_curve(const Experiment& experiment);

/// Mean height of that curve over the random line, per treated customer: the
/// integral over the share in [0, 1], piecewise linear.
double qini(const Experiment& experiment);

/// Area under share * (mean outcome of treated - mean outcome of control)
/// among those addressed: the curve's mean height, random addressing included.
double auuc(const Experiment& experiment);

/// Mean outcome of treated minus that of control among the `share` of the
/// customers with the highest scores.
/// @param share  in (0, 1].
/// @throws Error(kInvalidArgument) also when one arm is missing among them.
double uplift_at(double share, const Experiment& experiment);

}  // namespace ensue::metrics
