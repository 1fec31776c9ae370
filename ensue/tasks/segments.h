// SPDX-License-Identifier: Apache-2.0
// Who are our customers? Groups in words, and what suits each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ensue/events/table.h"

namespace ensue::tasks {

/// Deviations from everybody's mean that are worth words.
inline constexpr double kWorthSaying = 0.2;

/// A number in which a group differs from everybody.
struct Difference {
  std::string name;
  double mean = 0, everybody = 0;
  double deviations = 0;  // (mean - everybody) / standard deviation of all
};

/// What to do, and why. The rules, on a group's means over everybody's, first
/// that holds: f purchases, v spend, r days since the last event.
///   best        f >= 1.5, r <= 1: new and matching items, early access, no
///               discount, as they buy anyway
///   silent      v >= 1, r > 1.5: what they bought before, a personal letter, a
///               discount that ends soon
///   looking     f < 0.1, r <= 1.5: what is popular of what they view, a
///               reminder, a discount on the first order
///   occasional  f < 0.5, r <= 1.5: popular items of the kind they bought, a
///               reminder when due, a discount on the next order
///   fading      r > 1.5: popular items, seldom and cheaply, no discount
///   steady      else: the next best item and refills, a newsletter, a discount
///               on several items together
struct Strategy {
  std::string name, recommend, campaign, discount;
};

struct SegmentProfile {
  std::size_t customers = 0;
  double share = 0;                     // of all customers
  double spend_share = 0;               // of all spend
  std::vector<Difference> differences;  // the largest first
  Strategy strategy;
};

/// @param behaviour  a row per customer, columns of runtime::Behaviour.
/// @param group      [rows], below `groups`.
/// @throws Error(kInvalidArgument) when sizes differ.
std::vector<SegmentProfile> profile_segments(
    const events::Table& behaviour, std::span<const std::uint32_t> group,
    std::size_t groups);

/// The rule that holds. Each relative to everybody's mean.
Strategy strategy_for(double purchases, double spend, double recency);

/// "high sessions_per_month (8.1, all: 2.3), low …": the `most` largest
/// differences of at least a fifth of a deviation.
std::string in_words(const SegmentProfile& profile, std::size_t most = 3);

}  // namespace ensue::tasks
