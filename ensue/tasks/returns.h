// SPDX-License-Identifier: Apache-2.0
// How long customers stay away between two purchases.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/events/log.h"
#include "ensue/metrics/survival.h"

namespace ensue::tasks {

/// Customers by how many purchases they had made: who came often comes again
/// sooner.
inline constexpr std::array<std::size_t, 5> kReturnClasses = {1, 2, 3, 6, 11};
/// The place of the class of a customer with so many purchases, from 1 on.
std::size_t return_class(std::size_t purchases) noexcept;
std::string return_class_name(std::size_t place);  // "1", "3 to 5", "11 on"

/// A customer's purchases until an instant; those of one instant are one.
struct Purchases {
  std::size_t count = 0;
  events::Millis last{0};
};
Purchases purchases_until(const events::History& history,
                          events::ActionId action, events::Millis at);

/// Days from each purchase to the next one, by class; the last of each customer
/// still goes on at `at`. Purchases from `at` on are not looked at.
class Returns {
 public:
  /// @throws Error(kInvalidArgument) when there is no purchase before `at`.
  Returns(const events::Log& log, events::ActionId action, events::Millis at);

  const metrics::SurvivalCurve& everybody() const noexcept { return *all_; }
  /// Null for a class without purchases.
  const metrics::SurvivalCurve* of_class(std::size_t place) const noexcept {
    return classes_[place] ? &*classes_[place] : nullptr;
  }
  /// P(has not purchased again `days` after the instant) of a customer with
  /// these purchases; NaN where nobody of the class stayed away so long.
  double away(const Purchases& past, double days) const noexcept;

 private:
  events::Millis at_;
  std::optional<metrics::SurvivalCurve> all_;
  std::array<std::optional<metrics::SurvivalCurve>, kReturnClasses.size()>
      classes_;
};

}  // namespace ensue::tasks
