// SPDX-License-Identifier: Apache-2.0
// What a customer is interested in, as a short vector, without a network.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ensue/events/history.h"

namespace ensue::runtime {

/// Latent semantic analysis of customers and items (Deerwester et al. 1990): a
/// customer is the sum over the distinct items of rarity * sqrt(events) *
/// vector, of unit length before and, less the mean customer, after. A view.
struct Interests {
  std::size_t width = 0;
  std::span<const float> vectors;  // [items, width]
  std::span<const float> rarity;   // [items]
  std::span<const float> mean;     // [width]

  /// `out` [width]: of unit length; zeros when no item is known.
  void embed(const events::History& history, std::span<double> out) const;
};

/// Distinct known items of a history, rising, with weights of unit length.
struct WeightedItems {
  std::vector<std::uint32_t> items;
  std::vector<double> weights;
};
WeightedItems weigh_items(const events::History& history,
                          std::span<const float> rarity);

}  // namespace ensue::runtime
