// SPDX-License-Identifier: Apache-2.0
// k-means; the only door to faiss's clustering.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::classic {

/// Points as rows. A view.
struct Points {
  std::span<const double> values;  // [rows, width]
  std::size_t width = 0;
  std::size_t rows() const noexcept { return values.size() / width; }
};

/// Centres [groups, width]: the best of `starts` runs of 30 rounds, polished in
/// double until nobody changes the group. Runs on the calling thread.
std::vector<double> k_means(const Points& points, std::size_t groups,
                            int starts, std::uint64_t seed);

/// The nearest centre of each row; ties by the lower place.
std::vector<std::uint32_t> nearest_centres(const Points& points,
                                           std::span<const double> centres);

}  // namespace ensue::classic
