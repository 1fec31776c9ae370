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

/// One character of eight heights per value, from 0 to the largest; a value
/// above 0 is never flat. "" without values.
std::string sparkline(std::span<const double> values);

}  // namespace ensue::apps
