// SPDX-License-Identifier: Apache-2.0
// How much customers differ in what they buy with money off.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/events/log.h"
#include "ensue/runtime/discounts.h"

namespace ensue::classic {

/// Customers' own shares of purchases with money off as draws from
/// Beta(offer, full). Everybody's share is offer / (offer + full); a customer's
/// is drawn to it by offer + full purchases.
struct ShareSpread {
  double offer = 1, full = 1;
};

/// Maximum likelihood of the beta-binomial: L-BFGS on logit(mean) and
/// log(offer + full), both within +-8. Customers without purchases say nothing.
/// @throws Error(kInvalidArgument) when none or all purchases had money off.
ShareSpread fit_share_spread(std::span<const runtime::DiscountCount> customers);

struct DiscountFit {
  runtime::DiscountSource source;
  ShareSpread spread;
  runtime::DiscountCount all;
};

/// From the purchases before `until`. Where no purchase has a 0 in the columns,
/// an empty cell is no money off; else it is not known.
///
/// @param said  columns of context; none: those called discount,
///   discount_amount, money_off, retail_disc, coupon_disc or coupon_match_disc,
///   in small letters or not; "none": do not look.
/// @return nothing when nobody said a column and there is none so called, or
///   none or all purchases have money off.
/// @throws Error(kNotFound) for a column said that is not there,
///   Error(kInvalidArgument) for one of texts, or that says the same of all
///   purchases.
std::optional<DiscountFit> fit_discounts(const events::Log& log,
                                         events::Millis until,
                                         const std::string& buying,
                                         const std::vector<std::string>& said);

}  // namespace ensue::classic
