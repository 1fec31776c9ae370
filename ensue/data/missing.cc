// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/missing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

std::optional<double> mean_of(const Numbers& column) {
  double sum = 0;
  std::size_t n = 0;
  for (const double x : column) {
    if (!std::isnan(x)) sum += x, ++n;
  }
  if (n == 0) return std::nullopt;
  return sum / static_cast<double>(n);
}

std::optional<double> median_of(const Numbers& column) {
  Numbers known;
  for (const double x : column) {
    if (!std::isnan(x)) known.push_back(x);
  }
  if (known.empty()) return std::nullopt;
  const auto middle =
      known.begin() + static_cast<std::ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  if (known.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(known.begin(), middle)) / 2;
}

std::uint64_t fill_with(Numbers& column, std::optional<double> value) {
  std::uint64_t filled = 0;
  for (double& x : column) {
    if (value && std::isnan(x)) x = *value, ++filled;
  }
  return filled;
}

// One user's cells [begin, end); false when none of them is known.
bool fill_history(Numbers& column, std::span<const std::int64_t> times,
                  std::size_t begin, std::size_t end, std::uint64_t& filled) {
  std::optional<std::size_t> before;
  for (std::size_t i = begin; i < end;) {
    if (!std::isnan(column[i])) {
      before = i++;
      continue;
    }
    std::size_t after = i;
    while (after < end && std::isnan(column[after])) ++after;
    if (!before && after == end) return false;
    for (; i < after; ++i, ++filled) {
      if (!before || after == end) {
        column[i] = column[before ? *before : after];
        continue;
      }
      const auto span = static_cast<double>(times[after] - times[*before]);
      const auto part = static_cast<double>(times[i] - times[*before]);
      const double share = span > 0 ? part / span : 0.5;
      column[i] = column[*before] + share * (column[after] - column[*before]);
    }
  }
  return true;
}

// Solves a symmetric positive system in place by Gaussian elimination with
// pivots; a column that says nothing new gets weight 0.
std::vector<double> solve(std::vector<std::vector<double>> a,
                          std::vector<double> b) {
  const std::size_t n = b.size();
  std::vector<bool> empty(n, false);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t pivot = i;
    for (std::size_t r = i + 1; r < n; ++r) {
      if (std::abs(a[r][i]) > std::abs(a[pivot][i])) pivot = r;
    }
    std::swap(a[i], a[pivot]);
    std::swap(b[i], b[pivot]);
    empty[i] = std::abs(a[i][i]) < 1e-9;
    if (empty[i]) continue;
    for (std::size_t r = i + 1; r < n; ++r) {
      const double factor = a[r][i] / a[i][i];
      for (std::size_t c = i; c < n; ++c) a[r][c] -= factor * a[i][c];
      b[r] -= factor * b[i];
    }
  }
  std::vector<double> x(n, 0);
  for (std::size_t i = n; i-- > 0;) {
    if (empty[i]) continue;
    x[i] = b[i];
    for (std::size_t c = i + 1; c < n; ++c) x[i] -= a[i][c] * x[c];
    x[i] /= a[i][i];
  }
  return x;
}

// A column centred and scaled over the rows where it is known.
struct Predictor {
  const Numbers* column;
  double mean, scale;
  double at(std::size_t row) const {
    const double x = (*column)[row];
    return std::isnan(x) ? 0 : (x - mean) / scale;
  }
};

std::vector<Predictor> predictors(std::span<const Numbers* const> others) {
  std::vector<Predictor> out;
  for (const Numbers* other : others) {
    const auto mean = mean_of(*other);
    double squares = 0;
    std::size_t n = 0;
    for (const double x : *other) {
      if (!std::isnan(x)) squares += (x - *mean) * (x - *mean), ++n;
    }
    if (n < 2 || squares == 0) continue;
    out.push_back({other, *mean, std::sqrt(squares / static_cast<double>(n))});
  }
  return out;
}

}  // namespace

std::vector<MissingRule> missing_rules(const MissingOptions& options) {
  constexpr std::array<std::pair<std::string_view, Fill>, 5> kFills = {{
      {"drop", Fill::kDrop},
      {"mean", Fill::kMean},
      {"median", Fill::kMedian},
      {"interpolate", Fill::kInterpolate},
      {"regress", Fill::kRegress},
  }};
  std::vector<MissingRule> out;
  for (const std::string& entry : options.columns) {
    const std::size_t equals = entry.rfind('=');
    const std::size_t before = out.size();
    for (const auto& [name, fill] : kFills) {
      if (equals != std::string::npos && entry.substr(equals + 1) == name) {
        out.push_back({entry.substr(0, equals), fill});
      }
    }
    if (out.size() == before) {
      invalid("missing.columns: '" + entry +
              "', expected column=method with drop, mean, median, interpolate "
              "or regress");
    }
  }
  return out;
}

std::uint64_t fill_mean(Numbers& column) {
  return fill_with(column, mean_of(column));
}

std::uint64_t fill_median(Numbers& column) {
  return fill_with(column, median_of(column));
}

std::uint64_t fill_interpolate(Numbers& column,
                               std::span<const std::uint32_t> users,
                               std::span<const std::int64_t> times) {
  const auto median = median_of(column);
  std::uint64_t filled = 0;
  for (std::size_t begin = 0; begin < column.size();) {
    std::size_t end = begin + 1;
    while (end < column.size() && users[end] == users[begin]) ++end;
    fill_history(column, times, begin, end, filled);
    begin = end;
  }
  return filled + fill_with(column, median);
}

std::uint64_t fill_regress(Numbers& column,
                           std::span<const Numbers* const> others) {
  const std::vector<Predictor> inputs = predictors(others);
  if (inputs.empty()) {
    invalid("missing: regress needs another numeric column that varies");
  }
  const std::size_t n = inputs.size() + 1;
  std::vector<std::vector<double>> a(n, std::vector<double>(n, 0));
  std::vector<double> b(n, 0), x(n, 1);
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (std::isnan(column[row])) continue;
    for (std::size_t i = 1; i < n; ++i) x[i] = inputs[i - 1].at(row);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a[i][j] += x[i] * x[j];
      b[i] += x[i] * column[row];
    }
  }
  if (a[0][0] == 0) return 0;
  const std::vector<double> weights = solve(std::move(a), std::move(b));
  std::uint64_t filled = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!std::isnan(column[row])) continue;
    column[row] = weights[0];
    for (std::size_t i = 1; i < n; ++i) {
      column[row] += weights[i] * inputs[i - 1].at(row);
    }
    ++filled;
  }
  return filled;
}

}  // namespace ensue::data
