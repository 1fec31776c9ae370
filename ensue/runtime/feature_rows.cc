// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/feature_rows.h"

#include <algorithm>

namespace ensue::runtime {

void FeatureRows::spread(std::size_t row, std::span<float> out) const noexcept {
  std::ranges::fill(out, 0.0F);
  for (std::size_t i = begin[row]; i < begin[row + 1]; ++i) {
    out[places[i]] = values[i];
  }
}

std::vector<float> FeatureRows::dense() const {
  std::vector<float> out(size() * width);
  for (std::size_t row = 0; row < size(); ++row) {
    spread(row, std::span(out).subspan(row * width, width));
  }
  return out;
}

FeatureRows FeatureRows::rows(std::span<const std::size_t> chosen) const {
  FeatureRows out;
  out.width = width;
  for (const std::size_t row : chosen) {
    const auto own_places = places_of(row);
    const auto own_values = values_of(row);
    out.places.insert(out.places.end(), own_places.begin(), own_places.end());
    out.values.insert(out.values.end(), own_values.begin(), own_values.end());
    out.begin.push_back(out.places.size());
  }
  return out;
}

void FeatureRows::append(const FeatureRows& other) {
  const std::size_t before = places.size();
  places.insert(places.end(), other.places.begin(), other.places.end());
  values.insert(values.end(), other.values.begin(), other.values.end());
  for (std::size_t row = 1; row < other.begin.size(); ++row) {
    begin.push_back(before + other.begin[row]);
  }
}

}  // namespace ensue::runtime
