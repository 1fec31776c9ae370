// SPDX-License-Identifier: Apache-2.0
// Maximum likelihood of a few positive parameters.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace ensue::classic {

struct Maximum {
  std::vector<double> place;
  double value = 0;
};

/// Value at `x`; fills `gradient`, as long as `x`.
using Objective = std::function<double(std::span<const double> x,
                                       std::span<double> gradient)>;

/// The best of L-BFGS (NLopt) from each start, all coordinates within
/// [-bound, bound]. An objective that is not finite is never the best.
/// @param starts  at least one, all equally long.
/// @throws Error(kInvalidArgument) when no start leads to a finite value.
Maximum maximise(const Objective& objective,
                 const std::vector<std::vector<double>>& starts, double bound);

}  // namespace ensue::classic
