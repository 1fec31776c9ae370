// SPDX-License-Identifier: Apache-2.0
// What all metrics over rows check and sum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::metrics::internal {

/// Rows of two columns of equal length with finite numbers, and their weights.
/// @throws Error(kInvalidArgument) "<metric>: …" when there is no row, lengths
///   differ, a number is not finite or a weight is negative, or all are 0.
void check_rows(std::string_view metric, std::span<const double> left,
                std::span<const double> right, std::span<const double> weights);

/// Every label is 0 or 1. @throws Error(kInvalidArgument) otherwise.
void check_binary(std::string_view metric, std::span<const double> labels);

/// @throws Error(kInvalidArgument) with the metric's name and the message.
[[noreturn]] void refuse(std::string_view metric, const std::string& message);

inline double weight_at(std::span<const double> weights, std::size_t row) {
  return weights.empty() ? 1 : weights[row];
}

/// Rows, highest score first.
std::vector<std::uint32_t> falling_order(std::span<const double> scores);

/// Calls `use(rows)` with the rows of each distinct score, highest first, so
/// that what is computed does not depend on the order of ties.
template <class Use>
void each_tie(std::span<const double> scores,
              std::span<const std::uint32_t> order, const Use& use) {
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) {
      ++end;
    }
    use(order.subspan(begin, end - begin));
    begin = end;
  }
}

}  // namespace ensue::metrics::internal
