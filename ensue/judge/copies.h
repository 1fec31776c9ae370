// SPDX-License-Identifier: Apache-2.0
// How much of some histories stands in the histories of training users.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ensue::judge {

/// The items of one user, oldest first, as any ids.
using ItemSequence = std::vector<std::uint32_t>;

struct Copies {
  std::size_t histories = 0;  // with at least k items
  std::size_t copying = 0;  // … and a run of k items that a training user has
  std::size_t longest = 0;  // items in a row shared with a single user
  double share() const noexcept {
    return histories == 0
               ? 0
               : static_cast<double>(copying) / static_cast<double>(histories);
  }
};

/// Runs are items in a row, in order, within one user. Compared by 64-bit
/// hashes. O(all items * log(longest history)) time, one hash an item memory.
/// @pre k is at least 1.
Copies find_copies(std::span<const ItemSequence> histories,
                   std::span<const ItemSequence> training, std::size_t k);

/// Each training user against all the others: what a new customer of the same
/// kind would share with them, by chance and by common habit.
Copies find_copies_among(std::span<const ItemSequence> training, std::size_t k);

/// More than chance explains: a share that is higher by more than three
/// standard errors of the difference, or a longest run more than twice as long.
bool clearly_more(const Copies& synthetic, const Copies& real);

}  // namespace ensue::judge
