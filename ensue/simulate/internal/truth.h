// SPDX-License-Identifier: Apache-2.0
// The parts of a written shop that do not grow with its customers.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "ensue/simulate/customer.h"

namespace ensue::simulate {

/// campaign_effect() of every kind of customer, computed once.
class CampaignEffects {
 public:
  explicit CampaignEffects(const Shop& shop) {
    for (int k = 0; k < kKinds; ++k) {
      effects_[static_cast<std::size_t>(k)] =
          campaign_effect(shop, k / 3, k % 3);
    }
  }
  double of(int segment, int response) const noexcept {
    return effects_[static_cast<std::size_t>(kind_of(segment, response))];
  }

 private:
  std::array<double, kKinds> effects_{};
};

/// What the campaign changes for this customer; 0 for bots, for who signed up
/// after it began and for who had left before it.
double effect_of(const Shop& shop, const CampaignEffects& effects,
                 const Trace& trace);

/// items.csv, promotions.csv, truth/items_truth.csv; returns their bytes.
std::uint64_t write_items(const Shop& shop,
                          const std::filesystem::path& folder);

/// truth/truth.json.
void write_parameters(const Shop& shop, const std::filesystem::path& folder);

}  // namespace ensue::simulate
