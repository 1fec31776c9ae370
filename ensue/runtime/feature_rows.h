// SPDX-License-Identifier: Apache-2.0
// What rows of a table became: numbers in numbered columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::runtime {

/// A sparse matrix [rows, width]: row r has the entries [begin[r], begin[r +
/// 1]), each a place in [0, width), rising, and a value; others are 0. A value
/// may be NaN: missing.
struct FeatureRows {
  std::size_t width = 0;
  std::vector<std::size_t> begin = {0};
  std::vector<std::uint32_t> places;
  std::vector<float> values;

  std::size_t size() const noexcept { return begin.size() - 1; }
  std::span<const std::uint32_t> places_of(std::size_t row) const noexcept {
    return std::span(places).subspan(begin[row], begin[row + 1] - begin[row]);
  }
  std::span<const float> values_of(std::size_t row) const noexcept {
    return std::span(values).subspan(begin[row], begin[row + 1] - begin[row]);
  }
  /// out [width].
  void spread(std::size_t row, std::span<float> out) const noexcept;
  /// [rows, width].
  std::vector<float> dense() const;
  /// Chosen rows, in that order.
  FeatureRows rows(std::span<const std::size_t> chosen) const;
  /// Puts the rows of `other`, as wide, behind its own.
  void append(const FeatureRows& other);
};

}  // namespace ensue::runtime
