// SPDX-License-Identifier: Apache-2.0
// Judging groups: against known ones, and by how far apart they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ensue::metrics {

/// How far two groupings of the same rows agree, corrected for chance: 1 the
/// same up to names, 0 on average for random ones, negative for worse. Two
/// groupings that are both one group, or both all singletons, agree: 1.
/// Hubert & Arabie 1985, 10.1007/BF01908075. O(n log n).
/// @param left, right  Group of each row, any numbers.
/// @throws Error(kInvalidArgument) for no rows or lengths that differ.
double adjusted_rand(std::span<const std::uint32_t> left,
                     std::span<const std::uint32_t> right);

struct SilhouetteOptions {
  std::size_t sample = 4000;  // more rows than this: as many random ones
  std::uint64_t seed = 1;
};

/// Mean over rows of (b - a) / max(a, b): a the mean Euclidean distance to the
/// other rows of its group, b that to the rows of the nearest other group; 0
/// for a row that is alone in its group. In [-1, 1]. Rousseeuw 1987,
/// 10.1016/0377-0427(87)90125-7. O(sample^2 width) on all threads; the result
/// does not depend on them.
/// @param points  [rows, width].
/// @param groups  Group of each row, any numbers.
/// @throws Error(kInvalidArgument) for sizes that do not fit, for fewer than
///   two groups (also among the sample).
double silhouette(std::span<const float> points, std::size_t width,
                  std::span<const std::uint32_t> groups,
                  const SilhouetteOptions& options = {});

}  // namespace ensue::metrics
