// SPDX-License-Identifier: Apache-2.0
// Missing numbers: what to put in their place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ensue::data {

/// [missing]
struct MissingOptions {
  /// "column=method": drop, mean, median, interpolate or regress.
  std::vector<std::string> columns;
  void visit(auto&& field) {
    field("columns", columns,
          "column=method: drop, mean, median, interpolate or regress");
  }
};

enum class Fill { kDrop, kMean, kMedian, kInterpolate, kRegress };

struct MissingRule {
  std::string column;
  Fill fill;
};

/// @throws Error(kInvalidArgument) naming an entry that is no column=method.
std::vector<MissingRule> missing_rules(const MissingOptions& options);

/// One numeric column of a log sorted by (user, time); NaN: missing.
using Numbers = std::vector<double>;

/// Each fills the missing cells of `column` and returns how many. A column
/// without any number stays as it is.
std::uint64_t fill_mean(Numbers& column);
std::uint64_t fill_median(Numbers& column);  // mean of the middle two

/// Along one user's time: between two known values on the straight line
/// between them (halfway when their times are equal), before the first and
/// after the last the nearest one; users without any value get the median.
/// @param users, times  [column.size()]
std::uint64_t fill_interpolate(Numbers& column,
                               std::span<const std::uint32_t> users,
                               std::span<const std::int64_t> times);

/// Predicted from `others` by least squares over the rows where `column` is
/// known; missing cells of `others` count as their column's mean.
/// @throws Error(kInvalidArgument) without another column that varies.
std::uint64_t fill_regress(Numbers& column,
                           std::span<const Numbers* const> others);

}  // namespace ensue::data
