// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/solve.h"

#include <cmath>
#include <cstddef>

namespace ensue::classic {
namespace {

// a = L L^T in place, in the lower half; a dropped column has pivot 0.
void factor(std::vector<double>& a, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    const double whole = a[j * n + j];
    double pivot = whole;
    for (std::size_t k = 0; k < j; ++k) pivot -= a[j * n + k] * a[j * n + k];
    const bool kept = pivot > 1e-12 * std::abs(whole) && pivot > 0;
    a[j * n + j] = kept ? std::sqrt(pivot) : 0;
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = kept ? sum / a[j * n + j] : 0;
    }
  }
}

}  // namespace

std::vector<double> solve_symmetric(std::vector<double> a,
                                    std::span<const double> b) {
  const std::size_t n = b.size();
  factor(a, n);
  std::vector<double> x(b.begin(), b.end());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= a[i * n + k] * x[k];
    x[i] = a[i * n + i] > 0 ? x[i] / a[i * n + i] : 0;
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= a[k * n + i] * x[k];
    x[i] = a[i * n + i] > 0 ? x[i] / a[i * n + i] : 0;
  }
  return x;
}

}  // namespace ensue::classic
