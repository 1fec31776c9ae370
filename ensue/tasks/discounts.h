// SPDX-License-Identifier: Apache-2.0
// Who buys on offer, and who at full price.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "ensue/base/json.h"
#include "ensue/runtime/discounts.h"

namespace ensue::tasks {

/// Purchases with money off against what was to be expected. That somebody buys
/// on offer is no proof that the offer made them buy: a randomised campaign
/// says that (tasks/response.h).
struct DiscountUse {
  std::size_t purchases = 0;  // of which it is known
  double share = 0;           // of them with money off
  double expected = 0;        // everybody's share
  /// What is believed of the share less what is expected, and its 95 %.
  double difference = 0, low = 0, high = 0;
  double drawn_by = 0;  // purchases as expected that count beside the own ones
  /// "buys on offer", "no different" or "buys at full price".
  std::string word = {};
};

/// Of one customer: shares of customers are draws from Beta(offer, full), which
/// is drawn to the customer's own purchases,
///   Beta(offer + discounted, full + purchases - discounted):
/// its mean less that of Beta(offer, full), its 2.5 and 97.5 % likewise (and no
/// narrower than to the mean, which lies outside where nearly all customers are
/// at one end). The
/// word is a difference where all of the interval lies on one side of 0. Every
/// purchase counts, those of one basket, too, as if they were apart.
DiscountUse discount_use(const runtime::DiscountCount& own, double offer,
                         double full);

/// Of a group against everybody, whose share is taken as known: the share of
/// all its purchases, with the interval that its customers give (each is one
/// draw; linearised ratio). Nothing with fewer than ten customers of whom
/// purchases are known.
std::optional<DiscountUse> discount_use_of_group(
    std::span<const runtime::DiscountCount> customers, double everybody);

/// A strategy's discount where it is known what is bought with money off.
/// @param rule  the rule of thumb: "none…" or whom what suits.
std::string discount_advice(const std::string& rule, const DiscountUse& use);

JsonObject to_json(const DiscountUse& use);
/// @throws Error(kCorrupt).
DiscountUse discount_use_from(const JsonObject& json);

}  // namespace ensue::tasks
