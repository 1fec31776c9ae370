// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/metrics/internal/rows.h"

namespace ensue::metrics {
namespace {

double pairs(double count) { return count * (count - 1) / 2; }

// Pairs of rows that share their value; sorts.
template <class T>
double pairs_together(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (std::size_t begin = 0; begin < values.size();) {
    std::size_t end = begin + 1;
    while (end < values.size() && values[end] == values[begin]) ++end;
    sum += pairs(static_cast<double>(end - begin));
    begin = end;
  }
  return sum;
}

std::vector<std::uint32_t> copy(std::span<const std::uint32_t> values) {
  return {values.begin(), values.end()};
}

std::vector<std::uint32_t> sample_rows(std::size_t rows,
                                       const SilhouetteOptions& options) {
  std::vector<std::uint32_t> out(rows);
  std::iota(out.begin(), out.end(), 0U);
  if (rows <= options.sample) return out;
  Rng rng(options.seed);
  for (std::size_t i = 0; i < options.sample; ++i) {
    std::swap(out[i], out[i + rng.below(rows - i)]);
  }
  out.resize(options.sample);
  return out;
}

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += d * d;
  }
  return std::sqrt(sum);
}

// The sampled rows with their groups numbered from 0.
struct Sample {
  std::vector<std::span<const float>> points;
  std::vector<std::uint32_t> group;
  std::vector<double> sizes;  // by group

  double silhouette_of(std::size_t row) const {
    if (sizes[group[row]] <= 1) return 0;
    std::vector<double> sums(sizes.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
      sums[group[i]] += distance(points[row], points[i]);
    }
    const double own = sums[group[row]] / (sizes[group[row]] - 1);
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t g = 0; g < sums.size(); ++g) {
      if (g != group[row]) nearest = std::min(nearest, sums[g] / sizes[g]);
    }
    const double larger = std::max(own, nearest);
    return larger > 0 ? (nearest - own) / larger : 0;
  }
};

Sample take(std::span<const float> points, std::size_t width,
            std::span<const std::uint32_t> groups,
            const SilhouetteOptions& options) {
  Sample out;
  const auto rows = sample_rows(groups.size(), options);
  std::vector<std::uint32_t> names;
  for (const std::uint32_t row : rows) names.push_back(groups[row]);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() < 2) {
    internal::refuse("silhouette", std::to_string(names.size()) +
                                       " groups, expected at least 2");
  }
  out.sizes.resize(names.size());
  for (const std::uint32_t row : rows) {
    const auto place = std::ranges::lower_bound(names, groups[row]);
    out.points.push_back(points.subspan(row * width, width));
    out.group.push_back(static_cast<std::uint32_t>(place - names.begin()));
    ++out.sizes[out.group.back()];
  }
  return out;
}

}  // namespace

double adjusted_rand(std::span<const std::uint32_t> left,
                     std::span<const std::uint32_t> right) {
  if (left.size() != right.size() || left.empty()) {
    internal::refuse("ari", std::to_string(left.size()) + " and " +
                                std::to_string(right.size()) +
                                " rows, expected as many and at least 1");
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> both;
  for (std::size_t i = 0; i < left.size(); ++i) {
    both.emplace_back(left[i], right[i]);
  }
  const double same = pairs_together(std::move(both));
  const double in_left = pairs_together(copy(left));
  const double in_right = pairs_together(copy(right));
  const double all = pairs(static_cast<double>(left.size()));
  const double expected = all > 0 ? in_left * in_right / all : 0;
  const double most = (in_left + in_right) / 2;
  return most == expected ? 1 : (same - expected) / (most - expected);
}

double silhouette(std::span<const float> points, std::size_t width,
                  std::span<const std::uint32_t> groups,
                  const SilhouetteOptions& options) {
  if (width == 0 || points.size() != width * groups.size()) {
    internal::refuse("silhouette", std::to_string(points.size()) +
                                       " numbers for " +
                                       std::to_string(groups.size()) +
                                       " rows of " + std::to_string(width));
  }
  const Sample sample = take(points, width, groups, options);
  std::vector<double> values(sample.points.size());
  parallel_for(values.size(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      values[i] = sample.silhouette_of(i);
    }
  });
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

}  // namespace ensue::metrics
