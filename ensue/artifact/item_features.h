// SPDX-License-Identifier: Apache-2.0
// What columns say of items, as numbers that both halves read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ensue::artifact {

/// A sparse matrix [items, columns]: item i has the entries
/// [begin[i], begin[i + 1]), each a place in [0, columns) and a weight.
struct ItemFeatures {
  std::size_t columns = 0;
  std::vector<std::size_t> begin = {0};
  std::vector<std::uint32_t> places;
  std::vector<float> weights;

  std::size_t items() const noexcept { return begin.size() - 1; }
};

}  // namespace ensue::artifact
