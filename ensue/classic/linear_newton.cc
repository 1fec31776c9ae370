// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/linear_newton.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "ensue/classic/internal/solve.h"

namespace ensue::classic {
namespace {

using Vector = std::vector<double>;

constexpr int kMostSteps = 50, kMostHalvings = 30;
constexpr double kSolved = 1e-5, kGain = 1e-12, kWideGain = 1e-7;
constexpr std::size_t kMostTurns = 60;  // of conjugate gradients in one step
// Up to so many unknowns a factorisation takes less than the many steps that
// conjugate gradients need where features are nearly the same.
constexpr std::size_t kDirect = 512;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// All unknowns in one vector, the bias last.
class Newton {
 public:
  Newton(const MemberRows& rows, bool poisson, double l2)
      : rows_(rows), poisson_(poisson), l2_(l2), w_(rows.x.width + 1) {
    const double mean = std::accumulate(rows.y.begin(), rows.y.end(), 0.0) /
                        static_cast<double>(rows.y.size());
    w_.back() = poisson ? std::log(mean) : mean;
  }

  NewtonWeights run() {
    double loss = loss_at(w_);
    for (int i = 0; i < kMostSteps; ++i) {
      const Vector step = solve();
      Vector next;
      double then = loss;
      double share = 1;
      for (int half = 0; half < kMostHalvings; ++half, share /= 2) {
        next = w_;
        for (std::size_t f = 0; f < next.size(); ++f) {
          next[f] += share * step[f];
        }
        then = loss_at(next);
        if (then <= loss) break;
      }
      if (!(then <= loss)) break;
      const double gain = loss - then;
      w_ = std::move(next);
      loss = then;
      const double least = w_.size() <= kDirect ? kGain : kWideGain;
      if (gain <= least * (1 + std::abs(loss))) break;
    }
    NewtonWeights out{w_, w_.back()};
    out.weights.pop_back();
    return out;
  }

 private:
  double along(std::size_t row, const Vector& v) const {
    const auto places = rows_.x.places_of(row);
    const auto values = rows_.x.values_of(row);
    double out = v.back();
    for (std::size_t i = 0; i < places.size(); ++i) {
      out += static_cast<double>(values[i]) * v[places[i]];
    }
    return out;
  }
  void add(std::size_t row, double times, Vector& out) const {
    const auto places = rows_.x.places_of(row);
    const auto values = rows_.x.values_of(row);
    for (std::size_t i = 0; i < places.size(); ++i) {
      out[places[i]] += times * static_cast<double>(values[i]);
    }
    out.back() += times;
  }
  double penalty_of(std::size_t f) const {
    return f + 1 == w_.size() ? 0 : l2_;
  }

  double loss_at(const Vector& w) const {
    double out = 0;
    for (std::size_t f = 0; f < w.size(); ++f) {
      out += penalty_of(f) / 2 * w[f] * w[f];
    }
    for (std::size_t row = 0; row < rows_.y.size(); ++row) {
      const double m = along(row, w), y = rows_.y[row];
      out += poisson_ ? std::exp(m) - y * m : (y - m) * (y - m) / 2;
    }
    return out;
  }

  // -gradient = hessian step, roughly where there are many unknowns: the next
  // step goes on from there (an inexact Newton method).
  Vector solve() const {
    const std::size_t n = w_.size();
    Vector curve(rows_.y.size()), rest(n), diagonal(n);
    for (std::size_t f = 0; f < n; ++f) {
      rest[f] = -penalty_of(f) * w_[f];
      diagonal[f] = penalty_of(f);
    }
    for (std::size_t row = 0; row < curve.size(); ++row) {
      const double m = along(row, w_);
      const double expected = poisson_ ? std::exp(m) : m;
      curve[row] = poisson_ ? expected : 1;
      add(row, rows_.y[row] - expected, rest);
      const auto places = rows_.x.places_of(row);
      const auto values = rows_.x.values_of(row);
      for (std::size_t i = 0; i < places.size(); ++i) {
        const auto x = static_cast<double>(values[i]);
        diagonal[places[i]] += curve[row] * x * x;
      }
      diagonal.back() += curve[row];
    }
    return n <= kDirect ? solve_symmetric(hessian(curve), rest)
                        : conjugate_gradients(curve, std::move(rest), diagonal);
  }

  Vector hessian(const Vector& curve) const {
    const std::size_t n = w_.size(), bias = n - 1;
    Vector out(n * n);
    for (std::size_t row = 0; row < curve.size(); ++row) {
      const auto places = rows_.x.places_of(row);
      const auto values = rows_.x.values_of(row);
      for (std::size_t i = 0; i < places.size(); ++i) {
        const double weighted = curve[row] * static_cast<double>(values[i]);
        double* line = out.data() + places[i] * n;
        for (std::size_t j = 0; j <= i; ++j) {
          line[places[j]] += weighted * static_cast<double>(values[j]);
        }
        out[bias * n + places[i]] += weighted;
      }
      out[bias * n + bias] += curve[row];
    }
    for (std::size_t i = 0; i < n; ++i) {
      out[i * n + i] += penalty_of(i);
      for (std::size_t j = 0; j < i; ++j) {
        const double sum = out[i * n + j] + out[j * n + i];
        out[i * n + j] = out[j * n + i] = sum;
      }
    }
    return out;
  }

  Vector hessian_times(const Vector& curve, const Vector& v) const {
    Vector out(v.size());
    for (std::size_t f = 0; f < v.size(); ++f) out[f] = penalty_of(f) * v[f];
    for (std::size_t row = 0; row < curve.size(); ++row) {
      add(row, curve[row] * along(row, v), out);
    }
    return out;
  }

  Vector conjugate_gradients(const Vector& curve, Vector rest,
                             const Vector& diagonal) const {
    const std::size_t n = rest.size();
    Vector out(n), scaled(n);
    const auto rescale = [&] {
      for (std::size_t f = 0; f < n; ++f) {
        scaled[f] = rest[f] / std::max(diagonal[f], 1e-300);
      }
    };
    rescale();
    Vector direction = scaled;
    double size = dot(rest, scaled);
    const double small = kSolved * kSolved * size;
    for (std::size_t i = 0; i < kMostTurns && size > small; ++i) {
      const Vector image = hessian_times(curve, direction);
      const double step = size / dot(direction, image);
      for (std::size_t f = 0; f < n; ++f) {
        out[f] += step * direction[f];
        rest[f] -= step * image[f];
      }
      rescale();
      const double now = dot(rest, scaled), keep = now / size;
      for (std::size_t f = 0; f < n; ++f) {
        direction[f] = scaled[f] + keep * direction[f];
      }
      size = now;
    }
    return out;
  }

  const MemberRows& rows_;
  bool poisson_;
  double l2_;
  Vector w_;
};

}  // namespace

NewtonWeights fit_newton(const MemberRows& rows, bool poisson, double l2) {
  return Newton(rows, poisson, l2).run();
}

}  // namespace ensue::classic
