// SPDX-License-Identifier: Apache-2.0
// Principal components by orthogonal iteration with a Rayleigh-Ritz step
// (Golub & Van Loan, 4th ed., §8.2), the rows touched only by products.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/column_fit.h"

namespace ensue::classic {
namespace {

using runtime::FeatureRows;
using Vector = std::vector<double>;

constexpr int kMostIterations = 300;
constexpr double kConverged = 1e-9;
constexpr std::size_t kSpare = 8;  // directions more, for speed

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Gram-Schmidt, twice for accuracy; what vanishes becomes 0.
void orthonormalise(std::vector<Vector>& basis) {
  for (std::size_t i = 0; i < basis.size(); ++i) {
    const double before = std::sqrt(dot(basis[i], basis[i]));
    for (std::size_t pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < i; ++j) {
        const double share = dot(basis[i], basis[j]);
        for (std::size_t f = 0; f < basis[i].size(); ++f) {
          basis[i][f] -= share * basis[j][f];
        }
      }
    }
    const double length = std::sqrt(dot(basis[i], basis[i]));
    const double scale = length > 1e-12 * before ? 1 / length : 0;
    for (double& x : basis[i]) x *= scale;
  }
}

// Centred covariance times a vector, without its 1 / rows.
Vector covariance_times(const FeatureRows& rows, const Vector& mean,
                        const Vector& v) {
  const double origin = dot(mean, v);
  Vector out(v.size());
  double sum = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto places = rows.places_of(row);
    const auto values = rows.values_of(row);
    double along = -origin;
    for (std::size_t i = 0; i < places.size(); ++i) {
      along += static_cast<double>(values[i]) * v[places[i]];
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      out[places[i]] += static_cast<double>(values[i]) * along;
    }
    sum += along;
  }
  for (std::size_t f = 0; f < out.size(); ++f) out[f] -= sum * mean[f];
  return out;
}

// Eigenvectors of a symmetric matrix [n, n] by Jacobi rotations; columns of
// the result, eigenvalues left on the diagonal of `a`.
std::vector<Vector> jacobi(std::vector<Vector>& a) {
  const std::size_t n = a.size();
  std::vector<Vector> v(n, Vector(n));
  for (std::size_t i = 0; i < n; ++i) v[i][i] = 1;
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0, on = 0;
    for (std::size_t i = 0; i < n; ++i) {
      on += a[i][i] * a[i][i];
      for (std::size_t j = 0; j < i; ++j) off += a[i][j] * a[i][j];
    }
    if (off <= 1e-30 * on) break;
    for (std::size_t p = 0; p + 1 < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a[p][q] == 0) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = std::copysign(1.0, theta) /
                         (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double x = a[k][p], y = a[k][q];
          a[k][p] = c * x - s * y;
          a[k][q] = s * x + c * y;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double x = a[p][k], y = a[q][k];
          a[p][k] = c * x - s * y;
          a[q][k] = s * x + c * y;
          const double left = v[k][p], right = v[k][q];
          v[k][p] = c * left - s * right;
          v[k][q] = s * left + c * right;
        }
      }
    }
  }
  return v;
}

// Turns the basis to the eigenvectors inside its span, largest first; returns
// the eigenvalues.
Vector turn(std::vector<Vector>& basis, const std::vector<Vector>& images) {
  const std::size_t n = basis.size();
  std::vector<Vector> small(n, Vector(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) small[i][j] = dot(basis[i], images[j]);
  }
  const std::vector<Vector> vectors = jacobi(small);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return small[a][a] > small[b][b];
  });
  std::vector<Vector> turned(n, Vector(images[0].size()));
  Vector values(n);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = small[order[i]][order[i]];
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t f = 0; f < turned[i].size(); ++f) {
        turned[i][f] += vectors[j][order[i]] * images[j][f];
      }
    }
  }
  basis = std::move(turned);
  return values;
}

Vector mean_of(const FeatureRows& rows) {
  Vector mean(rows.width);
  for (std::size_t i = 0; i < rows.places.size(); ++i) {
    mean[rows.places[i]] += static_cast<double>(rows.values[i]);
  }
  for (double& m : mean) m /= static_cast<double>(rows.size());
  return mean;
}

bool same(const Vector& a, const Vector& b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (std::abs(a[i] - b[i]) > kConverged * (1e-30 + std::abs(a[0]))) {
      return false;
    }
  }
  return true;
}

}  // namespace

runtime::Principal principal_components(const FeatureRows& rows,
                                        std::size_t count, std::uint64_t seed) {
  if (count > rows.width) {
    invalid("principal: " + std::to_string(count) + " components of " +
            std::to_string(rows.width) + " features");
  }
  const Vector mean = mean_of(rows);
  std::vector<Vector> basis(std::min(rows.width, count + kSpare),
                            Vector(rows.width));
  Rng rng(seed, /*stream=*/12);
  for (Vector& v : basis) {
    for (double& x : v) x = rng.normal();
  }
  Vector before(basis.size());
  for (int i = 0; i < kMostIterations; ++i) {
    orthonormalise(basis);
    std::vector<Vector> images;
    for (const Vector& v : basis) {
      images.push_back(covariance_times(rows, mean, v));
    }
    Vector now = turn(basis, images);
    const bool done = same(now, before, count);
    before = std::move(now);
    if (done) break;
  }
  orthonormalise(basis);
  runtime::Principal out;
  out.mean.assign(mean.begin(), mean.end());
  for (std::size_t k = 0; k < count; ++k) {
    const auto largest = std::ranges::max_element(
        basis[k], {}, [](double x) { return std::abs(x); });
    const double sign = *largest < 0 ? -1 : 1;
    for (const double x : basis[k]) {
      out.directions.push_back(static_cast<float>(sign * x));
    }
  }
  return out;
}

}  // namespace ensue::classic
