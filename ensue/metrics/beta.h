// SPDX-License-Identifier: Apache-2.0
// The beta distribution: how sure a share is.
#pragma once

namespace ensue::metrics {

/// P(X <= x) for X ~ Beta(a, b), to about 1e-12: the continued fraction of the
/// regularised incomplete beta function (DLMF 8.17.22) by Lentz's method.
/// O(sqrt(max(a, b))). @param a, b  above 0. @param x  in [0, 1].
double beta_probability(double x, double a, double b);

/// The x with P(X <= x) = p, by bisection to 1e-12. @param p  in (0, 1).
double beta_quantile(double p, double a, double b);

}  // namespace ensue::metrics
