// SPDX-License-Identifier: Apache-2.0
// Learns what customers who take the same items have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/events/history.h"
#include "ensue/runtime/interests.h"

namespace ensue::classic {

struct InterestVectors {
  std::size_t width = 0;
  std::vector<float> vectors, rarity, mean;  // as runtime::Interests has them

  runtime::Interests view() const { return {width, vectors, rarity, mean}; }
};

/// The `width` leading right singular vectors of the customers' weighted items
/// (runtime/interests.h), by subspace iteration from a random start. Rarity is
/// log(1 + customers / (customers with the item)). O(rounds * pairs * width).
/// @throws Error(kInvalidArgument) unless 1 <= width <= items.
InterestVectors fit_interests(std::span<const events::History> customers,
                              std::size_t items, std::size_t width,
                              std::uint64_t seed);

}  // namespace ensue::classic
