// SPDX-License-Identifier: Apache-2.0
// Numbers as pictures of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ensue::apps {

/// One line per bar: label, a bar whose length is to the longest as the count
/// is to the largest (in eighths of a column), count and share of all. Labels
/// are aligned by what is seen and clipped at 30 columns.
/// @param width  columns of the longest bar, at least 1.
std::string bars(std::span<const std::pair<std::string, std::uint64_t>> list,
                 std::size_t width = 40);

/// A bar to the right of a middle for values above 0, to the left for those
/// below: `width` columns on either side for a value of `largest`.
std::string signed_bar(double value, double largest, std::size_t width = 12);

/// One character of eight heights per value, from 0 to the largest; a value
/// above 0 is never flat. "" without values.
std::string sparkline(std::span<const double> values);

/// A dot of a scatter: x in [0, 1].
struct Dot {
  double x = 0, y = 0;
};

/// Dots in a grid of `width` by `height` characters, y from their lowest to
/// their highest, whose values stand at the left; dot `marked` is drawn larger
/// and above all others. `from` and `to` stand under the ends of the x axis.
/// "" without dots. Dots whose y is not finite are left out.
std::string scatter(std::span<const Dot> dots, std::size_t marked,
                    const std::string& from, const std::string& to,
                    std::size_t width = 48, std::size_t height = 6);

}  // namespace ensue::apps
