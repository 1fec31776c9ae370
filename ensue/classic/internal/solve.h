// SPDX-License-Identifier: Apache-2.0
// Small dense systems of equations.
#pragma once

#include <span>
#include <vector>

namespace ensue::classic {

/// x of a x = b by Cholesky; `a` [n, n] symmetric, row by row. A pivot that is
/// not above 1e-12 of its diagonal entry belongs to a column that the others
/// say already: its x is 0. O(n^3).
std::vector<double> solve_symmetric(std::vector<double> a,
                                    std::span<const double> b);

}  // namespace ensue::classic
