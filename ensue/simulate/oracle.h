// SPDX-License-Identifier: Apache-2.0
// The best possible answers about customers of a simulated shop: who they are,
// whether they come back, what a campaign changes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ensue/simulate/customer.h"

namespace ensue::simulate {

/// What the log before a day tells of one customer.
struct Standing {
  double bot = 0;    // P(a bot)
  double there = 0;  // P(a person who has not left for good)
  std::array<double, kSegments.size()> segments{};  // P(segment | a person)
  std::vector<double> tastes;                       // P(taste | a person)
  double active = 0;  // P(an event on days [day, day + horizon))
  double effect = 0;  // mean effect of the campaign, if a person
};

/// Bayes' rule by the rules of the shop, as BayesPredictor has it; it knows
/// that the customer has signed up and not who was treated. The effect is exact
/// for a day no later than the campaign's first and but for refills, as
/// campaign_effect() says. Immutable, thread-safe.
class Oracle {
 public:
  /// `shop` must outlive it.
  explicit Oracle(const Shop& shop);
  ~Oracle();

  /// @param events  the customer's events before midnight of `day`, one at
  ///   least.
  /// @throws Error(kInvalidArgument) when there is none, when one is later and
  ///   when this shop cannot make them.
  Standing standing(std::span<const SimEvent> events, int day,
                    int horizon) const;

  /// What is true: the campaign's effect on this very customer; 0 for bots, for
  /// who signed up later and for who had left.
  double true_effect(const Trace& trace) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::simulate
