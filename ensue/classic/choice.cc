// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/choice.h"

#include <algorithm>
#include <cmath>

#include "ensue/classic/internal/solve.h"

namespace ensue::classic {
namespace {

constexpr int kMostSteps = 50;
constexpr double kEnough = 1e-10;  // gain of a step, per question

std::span<const double> row_of(const Choices& choices, std::size_t row) {
  return std::span(choices.rows).subspan(row * choices.width, choices.width);
}

double dot(std::span<const double> a, std::span<const double> b) {
  double out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out += a[i] * b[i];
  return out;
}

// P(option) of one question into `p`; returns log P(chosen).
double probabilities(const Choices& choices, std::size_t question,
                     std::span<const double> weights, std::vector<double>& p) {
  const std::size_t begin = choices.offsets[question];
  p.assign(choices.offsets[question + 1] - begin, 0);
  double peak = -HUGE_VAL, sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    p[i] = dot(row_of(choices, begin + i), weights);
    peak = std::max(peak, p[i]);
  }
  const double chosen = p[choices.chosen[question]] - peak;
  for (double& x : p) sum += x = std::exp(x - peak);
  for (double& x : p) x /= sum;
  return chosen - std::log(sum);
}

double objective(const Choices& choices, std::span<const double> weights,
                 double ridge) {
  double out = -ridge / 2 * dot(weights, weights);
  std::vector<double> p;
  for (std::size_t q = 0; q < choices.size(); ++q) {
    out += probabilities(choices, q, weights, p);
  }
  return out;
}

struct Slope {
  std::vector<double> gradient, curvature;  // curvature: minus the Hessian
};

Slope slope_at(const Choices& choices, std::span<const double> weights,
               double ridge) {
  const std::size_t n = choices.width;
  Slope out{std::vector<double>(n), std::vector<double>(n * n)};
  std::vector<double> p, mean(n);
  for (std::size_t i = 0; i < n; ++i) {
    out.gradient[i] = -ridge * weights[i];
    out.curvature[i * n + i] = ridge;
  }
  for (std::size_t q = 0; q < choices.size(); ++q) {
    probabilities(choices, q, weights, p);
    const std::size_t begin = choices.offsets[q];
    std::ranges::fill(mean, 0);
    for (std::size_t o = 0; o < p.size(); ++o) {
      const auto x = row_of(choices, begin + o);
      for (std::size_t i = 0; i < n; ++i) {
        mean[i] += p[o] * x[i];
        for (std::size_t j = 0; j <= i; ++j) {
          out.curvature[i * n + j] += p[o] * x[i] * x[j];
        }
      }
    }
    const auto x = row_of(choices, begin + choices.chosen[q]);
    for (std::size_t i = 0; i < n; ++i) {
      out.gradient[i] += x[i] - mean[i];
      for (std::size_t j = 0; j <= i; ++j) {
        out.curvature[i * n + j] -= mean[i] * mean[j];
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      out.curvature[i * n + j] = out.curvature[j * n + i];
    }
  }
  return out;
}

// The unused columns stand still.
void hold(Slope& slope, std::span<const std::uint8_t> used) {
  const std::size_t n = used.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (used[i] != 0) continue;
    slope.gradient[i] = 0;
    for (std::size_t j = 0; j < n; ++j) {
      slope.curvature[i * n + j] = slope.curvature[j * n + i] = 0;
    }
  }
}

}  // namespace

std::vector<double> fit_choice(const Choices& choices,
                               std::span<const std::uint8_t> used,
                               double ridge) {
  std::vector<double> weights(choices.width, 0);
  double now = objective(choices, weights, ridge);
  for (int step = 0; step < kMostSteps; ++step) {
    Slope slope = slope_at(choices, weights, ridge);
    hold(slope, used);
    const auto move =
        solve_symmetric(std::move(slope.curvature), slope.gradient);
    double gain = 0;
    for (double length = 1; length > 1e-6; length /= 2) {
      auto next = weights;
      for (std::size_t i = 0; i < next.size(); ++i) {
        next[i] += length * move[i];
      }
      gain = objective(choices, next, ridge) - now;
      if (gain <= 0) continue;
      weights = std::move(next);
      now += gain;
      break;
    }
    if (gain <= kEnough * static_cast<double>(choices.size())) break;
  }
  return weights;
}

double choice_log_likelihood(const Choices& choices,
                             std::span<const double> weights) {
  if (choices.size() == 0) return 0;
  return objective(choices, weights, 0) / static_cast<double>(choices.size());
}

}  // namespace ensue::classic
