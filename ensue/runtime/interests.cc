// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/interests.h"

#include <algorithm>
#include <cmath>

namespace ensue::runtime {
namespace {

void to_unit(std::span<double> values) {
  double square = 0;
  for (const double v : values) square += v * v;
  if (square <= 0) return;
  for (double& v : values) v /= std::sqrt(square);
}

}  // namespace

WeightedItems weigh_items(const events::History& history,
                          std::span<const float> rarity) {
  std::vector<std::uint32_t> all;
  for (const auto item : history.items) {
    if (events::index(item) < rarity.size()) all.push_back(events::index(item));
  }
  std::ranges::sort(all);
  WeightedItems out;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i;
    while (end < all.size() && all[end] == all[i]) ++end;
    out.items.push_back(all[i]);
    out.weights.push_back(rarity[all[i]] *
                          std::sqrt(static_cast<double>(end - i)));
    i = end;
  }
  to_unit(out.weights);
  return out;
}

void Interests::embed(const events::History& history,
                      std::span<double> out) const {
  std::ranges::fill(out, 0);
  const WeightedItems own = weigh_items(history, rarity);
  if (own.items.empty()) return;
  for (std::size_t i = 0; i < own.items.size(); ++i) {
    const auto row = vectors.subspan(own.items[i] * width, width);
    for (std::size_t k = 0; k < width; ++k) out[k] += own.weights[i] * row[k];
  }
  for (std::size_t k = 0; k < width; ++k) out[k] -= mean[k];
  to_unit(out);
}

}  // namespace ensue::runtime
