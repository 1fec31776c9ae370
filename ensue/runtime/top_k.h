// SPDX-License-Identifier: Apache-2.0
// The best items of a score vector, exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::runtime {

struct Scored {
  std::uint32_t item = 0;
  float score = 0;
};

/// The `k` best of `scores` among items whose `allowed` byte is not 0
/// (`allowed` empty: all), best first, ties by lower item index: the first k
/// of a full sort. O(items + k log k).
std::vector<Scored> top_k(std::span<const float> scores, std::size_t k,
                          std::span<const std::uint8_t> allowed = {});

}  // namespace ensue::runtime
