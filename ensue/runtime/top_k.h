// SPDX-License-Identifier: Apache-2.0
// The best items of a score vector, exactly.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::runtime {

struct Scored {
  std::uint32_t item = 0;
  float score = 0;
};

/// Which items may be answered. A view.
struct ItemFilter {
  /// Bit item % 64 of word item / 64; empty: all.
  std::span<const std::uint64_t> allowed = {};
  /// Not these; rising.
  std::span<const std::uint32_t> excluded = {};

  bool empty() const noexcept { return allowed.empty() && excluded.empty(); }
};

/// Words of a set of `items` items, a bit each.
constexpr std::size_t words_of(std::size_t items) { return (items + 63) / 64; }

/// Items [0, items) that pass, a bit each, in `out`; returns how many.
/// `filter.allowed` is empty or has all words. O(items / 64 + excluded).
std::size_t admitted(const ItemFilter& filter, std::size_t items,
                     std::vector<std::uint64_t>& out);

/// The `k` best of `scores` among items whose `allowed` byte is not 0
/// (`allowed` empty: all), best first, ties by lower item index: the first k
/// of a full sort. O(items + k log k).
std::vector<Scored> top_k(std::span<const float> scores, std::size_t k,
                          std::span<const std::uint8_t> allowed = {});

/// The same among the items that pass `filter`.
std::vector<Scored> top_k(std::span<const float> scores, std::size_t k,
                          const ItemFilter& filter);

/// Calls body(item) for the bits of a set, rising.
template <class Body>
void each_item(std::span<const std::uint64_t> set, const Body& body) {
  for (std::size_t w = 0; w < set.size(); ++w) {
    for (std::uint64_t left = set[w]; left != 0; left &= left - 1) {
      body(static_cast<std::uint32_t>(w * 64) +
           static_cast<std::uint32_t>(std::countr_zero(left)));
    }
  }
}

}  // namespace ensue::runtime
