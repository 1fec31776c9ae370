// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/count_regression.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/classic/internal/digamma.h"
#include "ensue/classic/internal/maximise.h"
#include "ensue/classic/internal/solve.h"

namespace ensue::classic {
namespace {

constexpr int kMostSteps = 50;
constexpr double kLargestStep = 2;  // of any weight, in one step
constexpr double kMostLogMean = 12, kMostLogSize = 8;

// Gradient and negated Hessian of the penalised likelihood; place 0 is the
// intercept.
struct Newton {
  std::size_t width;
  std::vector<double> gradient, hessian;  // [width], [width, width]

  explicit Newton(std::size_t size)
      : width(size), gradient(size), hessian(size * size) {}

  void add(std::span<const double> z, double mean, double count) {
    for (std::size_t i = 0; i < width; ++i) {
      gradient[i] += z[i] * (count - mean);
      const double weighted = mean * z[i];
      for (std::size_t j = 0; j <= i; ++j) {
        hessian[i * width + j] += weighted * z[j];
      }
    }
  }
  void add(const Newton& other) {
    for (std::size_t i = 0; i < width; ++i) gradient[i] += other.gradient[i];
    for (std::size_t i = 0; i < hessian.size(); ++i) {
      hessian[i] += other.hessian[i];
    }
  }
};

std::vector<double> solve(Newton system) {
  const std::size_t n = system.width;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      system.hessian[j * n + i] = system.hessian[i * n + j];
    }
  }
  return solve_symmetric(std::move(system.hessian), system.gradient);
}

void standardise(const CountRows& rows, CountRegression& out) {
  const auto count = static_cast<double>(rows.counts.size());
  out.weights.assign(rows.features, 0);
  out.centres.assign(rows.features, 0);
  out.scales.assign(rows.features, 0);
  for (std::size_t i = 0; i < rows.counts.size(); ++i) {
    const auto x = rows.row(i);
    for (std::size_t f = 0; f < rows.features; ++f) {
      out.centres[f] += x[f] / count;
    }
  }
  for (std::size_t i = 0; i < rows.counts.size(); ++i) {
    const auto x = rows.row(i);
    for (std::size_t f = 0; f < rows.features; ++f) {
      const double d = x[f] - out.centres[f];
      out.scales[f] += d * d / count;
    }
  }
  for (double& scale : out.scales) {
    // A column that never changes says nothing.
    scale = scale > 1e-18 ? std::sqrt(scale) : 1e9;
  }
}

Newton slopes(const CountRows& rows, const CountRegression& model) {
  const std::size_t width = rows.features + 1, grain = 4096;
  const std::size_t pieces = (rows.counts.size() + grain - 1) / grain;
  std::vector<Newton> parts(pieces, Newton(width));
  parallel_for(rows.counts.size(), grain,
               [&](std::size_t begin, std::size_t end) {
                 Newton& part = parts[begin / grain];
                 std::vector<double> z(width, 1.0);
                 for (std::size_t i = begin; i < end; ++i) {
                   const auto x = rows.row(i);
                   for (std::size_t f = 0; f < rows.features; ++f) {
                     z[f + 1] = model.standard(f, x[f]);
                   }
                   part.add(z, model.mean(x, rows.offsets[i]), rows.counts[i]);
                 }
               });
  Newton out(width);
  for (const Newton& part : parts) out.add(part);
  return out;
}

void fit_mean(const CountRows& rows, double ridge, CountRegression& model) {
  for (int step = 0; step < kMostSteps; ++step) {
    Newton system = slopes(rows, model);
    for (std::size_t f = 0; f < rows.features; ++f) {
      system.gradient[f + 1] -= ridge * model.weights[f];
      system.hessian[(f + 1) * (rows.features + 2)] += ridge;
    }
    const auto move = solve(std::move(system));
    double largest = 0;
    for (const double m : move) largest = std::max(largest, std::abs(m));
    const double part = largest > kLargestStep ? kLargestStep / largest : 1;
    model.intercept += part * move[0];
    for (std::size_t f = 0; f < rows.features; ++f) {
      model.weights[f] += part * move[f + 1];
    }
    if (largest < 1e-9) return;
  }
}

// Negative binomial likelihood of one count, without what does not depend on
// the size, and its slope by log size.
double size_likelihood(double count, double mean, double size, double& slope) {
  const double both = size + mean;
  slope = size * (digamma(size + count) - digamma(size) +
                  std::log(size / both) + (mean - count) / both);
  return std::lgamma(size + count) - std::lgamma(size) +
         size * std::log(size / both) - count * std::log(both);
}

void fit_size(const CountRows& rows, CountRegression& model) {
  std::vector<double> means(rows.counts.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    means[i] = model.mean(rows.row(i), rows.offsets[i]);
  }
  const auto objective = [&](std::span<const double> at,
                             std::span<double> gradient) {
    CountRegression trial;
    trial.size = {at[0], at[1]};
    double sum = 0;
    std::ranges::fill(gradient, 0.0);
    for (std::size_t i = 0; i < means.size(); ++i) {
      double slope = 0;
      sum += size_likelihood(rows.counts[i], means[i], trial.size_at(means[i]),
                             slope);
      gradient[0] += slope;
      gradient[1] += slope * std::log(means[i]);
    }
    return sum;
  };
  const Maximum best = maximise(objective, {{0, 0.5}}, kMostLogSize);
  model.size = {best.place[0], best.place[1]};
}

void check(const CountRows& rows) {
  const std::size_t count = rows.counts.size();
  if (rows.offsets.size() != count || rows.x.size() != count * rows.features) {
    invalid("counts: " + std::to_string(rows.x.size()) + " numbers and " +
            std::to_string(rows.offsets.size()) + " offsets for " +
            std::to_string(count) + " rows of " +
            std::to_string(rows.features));
  }
  double sum = 0;
  for (const double c : rows.counts) {
    if (!(c >= 0))
      invalid("counts: a row happens " + std::to_string(c) + " times");
    sum += c;
  }
  if (!(sum > 0)) invalid("counts: nothing ever happens");
}

}  // namespace

double CountRegression::standard(std::size_t feature, double x) const {
  return (x - centres[feature]) / scales[feature];
}

double CountRegression::mean(std::span<const double> x, double offset) const {
  double out = offset + intercept;
  for (std::size_t f = 0; f < x.size(); ++f) {
    out += weights[f] * standard(f, x[f]);
  }
  return std::exp(std::clamp(out, -2 * kMostLogMean, kMostLogMean));
}

double CountRegression::size_at(double mean) const {
  return std::exp(std::clamp(size[0] + size[1] * std::log(mean), -kMostLogSize,
                             kMostLogSize));
}

CountRegression fit_count_regression(const CountRows& rows, double ridge) {
  check(rows);
  CountRegression out;
  standardise(rows, out);
  double happened = 0, expected = 0;
  for (std::size_t i = 0; i < rows.counts.size(); ++i) {
    happened += rows.counts[i];
    expected += std::exp(rows.offsets[i]);
  }
  out.intercept = std::log(happened / expected);
  fit_mean(rows, ridge, out);
  fit_size(rows, out);
  return out;
}

std::vector<double> negative_binomial(double mean, double size) {
  const double step = mean / (mean + size);
  double log_p = size * std::log(size / (size + mean));
  std::vector<double> out = {std::exp(log_p)};
  double rest = 1 - out[0];
  for (std::size_t n = 1; n < 10'000 && rest > 1e-12; ++n) {
    const auto k = static_cast<double>(n);
    log_p += std::log((size + k - 1) / k * step);
    out.push_back(std::exp(log_p));
    rest -= out.back();
  }
  return out;
}

double poisson_deviance(std::span<const double> means,
                        std::span<const double> counts) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) sum += counts[i] * std::log(counts[i] / means[i]);
    sum -= counts[i] - means[i];
  }
  return 2 * sum / static_cast<double>(counts.size());
}

}  // namespace ensue::classic
