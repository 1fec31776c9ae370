// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/intervals.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"

namespace ensue::metrics {
namespace {

double mean_of(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

// [users, columns], so that one drawn user is one run of memory.
std::vector<double> by_user(std::span<const std::span<const double>> columns,
                            std::size_t users) {
  std::vector<double> rows(users * columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    for (std::size_t u = 0; u < users; ++u) {
      rows[u * columns.size() + c] = columns[c][u];
    }
  }
  return rows;
}

// Means of all columns over `users` draws with replacement.
void resample(std::span<const double> rows, std::size_t users, Rng rng,
              std::span<double> means) {
  const std::size_t width = means.size();
  std::fill(means.begin(), means.end(), 0.0);
  for (std::size_t draw = 0; draw < users; ++draw) {
    const double* row = rows.data() + rng.below(users) * width;
    for (std::size_t c = 0; c < width; ++c) means[c] += row[c];
  }
  for (double& mean : means) mean /= static_cast<double>(users);
}

// Linear between the two nearest order statistics.
double quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(below);
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

std::size_t common_length(std::span<const std::span<const double>> columns) {
  const std::size_t users = columns.empty() ? 0 : columns[0].size();
  for (const auto column : columns) {
    if (column.size() != users) {
      invalid("bootstrap: columns of " + std::to_string(users) + " and " +
              std::to_string(column.size()) + " users, expected equal ones");
    }
  }
  return users;
}

}  // namespace

std::vector<Interval> bootstrap(
    std::span<const std::span<const double>> columns, int replicates,
    std::uint64_t seed) {
  const std::size_t users = common_length(columns), width = columns.size();
  std::vector<Interval> out(width);
  for (std::size_t c = 0; c < width; ++c) {
    const double mean = mean_of(columns[c]);
    out[c] = {mean, mean, mean};
  }
  if (users == 0 || replicates < 1 || width == 0) return out;

  const auto rows = by_user(columns, users);
  const auto count = static_cast<std::size_t>(replicates);
  std::vector<double> means(count * width);
  parallel_for(count, 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      resample(rows, users, Rng(seed, b),
               std::span(means).subspan(b * width, width));
    }
  });
  std::vector<double> sorted(count);
  for (std::size_t c = 0; c < width; ++c) {
    for (std::size_t b = 0; b < count; ++b) sorted[b] = means[b * width + c];
    std::sort(sorted.begin(), sorted.end());
    out[c].low = quantile(sorted, 0.025);
    out[c].high = quantile(sorted, 0.975);
  }
  return out;
}

Interval bootstrap_metric(
    std::size_t rows, int replicates, std::uint64_t seed,
    const std::function<double(std::span<const double> weights)>& metric) {
  const double value = metric({});
  Interval out = {value, value, value};
  if (rows == 0 || replicates < 1) return out;
  std::vector<double> values(static_cast<std::size_t>(replicates));
  parallel_for(values.size(), 1, [&](std::size_t begin, std::size_t end) {
    std::vector<double> weights(rows);
    for (std::size_t b = begin; b < end; ++b) {
      std::fill(weights.begin(), weights.end(), 0.0);
      Rng rng(seed, b);
      for (std::size_t draw = 0; draw < rows; ++draw)
        ++weights[rng.below(rows)];
      values[b] = metric(weights);
    }
  });
  std::sort(values.begin(), values.end());
  out.low = quantile(values, 0.025);
  out.high = quantile(values, 0.975);
  return out;
}

Interval bootstrap(std::span<const double> values, int replicates,
                   std::uint64_t seed) {
  return bootstrap(std::span(&values, 1), replicates, seed)[0];
}

double sign_flip_p_value(std::span<const double> differences, int replicates,
                         std::uint64_t seed) {
  double size = 0, observed = 0;
  for (const double d : differences) {
    size += std::abs(d);
    observed += d;
  }
  // Sums that differ only by rounding count as equal.
  const double bar = std::abs(observed) - 1e-12 * size;
  std::atomic<int> as_far = 0;
  const auto count = static_cast<std::size_t>(std::max(0, replicates));
  parallel_for(count, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      Rng rng(seed, b);
      double sum = 0;
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < differences.size(); ++i) {
        if (i % 64 == 0) bits = rng();
        sum += (bits >> (i % 64) & 1) != 0 ? differences[i] : -differences[i];
      }
      if (std::abs(sum) >= bar) ++as_far;
    }
  });
  return (1.0 + as_far) / (1.0 + static_cast<double>(count));
}

}  // namespace ensue::metrics
