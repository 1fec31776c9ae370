// SPDX-License-Identifier: Apache-2.0
// Least squares and Poisson regression of sparse rows.
#pragma once

#include <vector>

#include "ensue/classic/internal/member_fit.h"

namespace ensue::classic {

struct NewtonWeights {
  std::vector<double> weights;
  double bias = 0;
};

/// Minimises l2/2 |w|^2 + sum of losses of m = w x + bias, the bias free:
/// (y - m)^2 / 2, or exp(m) - y m when `poisson`. Newton's steps, each solved
/// by conjugate gradients; least squares needs one.
NewtonWeights fit_newton(const MemberRows& rows, bool poisson, double l2);

}  // namespace ensue::classic
