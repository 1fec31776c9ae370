// SPDX-License-Identifier: Apache-2.0
// Measures of all lists together: what a model shows to everybody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ensue::metrics {

/// Pads a list that has fewer items than its width.
inline constexpr std::uint32_t kNoPlace = 0xFFFFFFFF;

/// The best items of every question, best first.
struct TopLists {
  std::size_t items = 0;  // that can be shown
  std::size_t width = 0;  // entries per list
  std::span<const std::uint32_t> places =
      {};  // [lists, width], kNoPlace at ends
  /// [items]: users with the item among the training events, and all users.
  std::span<const std::uint32_t> users_of_item = {};
  std::size_t users = 0;

  std::size_t size() const noexcept {
    return width == 0 ? 0 : places.size() / width;
  }
};

// All are 0 when there are no lists; a k above the width counts as the width.

/// Share of the items that stand in at least one top-k list; in [0, 1].
/// RecBole's ItemCoverage.
double coverage(const TopLists& lists, int k);

/// Inequality of how often items are shown, items never shown included: with
/// counts c_1 <= … <= c_n over n items, sum_i (2 i - n - 1) c_i / (n sum c).
/// 0: all equally often; towards 1: always the same few. RecBole's GiniIndex.
double gini(const TopLists& lists, int k);

/// How unknown the shown items are: mean over lists of the mean over their
/// items of -log2(users who have the item / users), in bits; an item nobody
/// has counts as one that a single user has. In [0, log2(users)]. RecTools'
/// MeanInvUserFreq (Zhou et al. 2010, 10.1073/pnas.1000488107).
double novelty(const TopLists& lists, int k);

}  // namespace ensue::metrics
