// SPDX-License-Identifier: Apache-2.0
// Who may be lost, and how much money goes with them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ensue/events/history.h"
#include "ensue/features/columns.h"

namespace ensue::tasks {

/// What a customer spends in `horizon_days`, as far as the past tells: the
/// amounts of the aim's events in the 365 days before `at`, over the days since
/// the first of all of them (at least the horizon, at most 365), times the
/// horizon. 0 without any; unknown amounts count as 0.
double usual_spend(const events::History& history, events::Millis at,
                   events::ActionId aim, const features::EventColumn& amount,
                   int horizon_days);

struct AtRisk {
  std::size_t place = 0;     // among those asked
  double lost = 0;           // probability of not coming back
  double usual_spend = 0;    // in the horizon
  double value_at_risk = 0;  // lost * usual_spend
};

/// Everybody, the most money at risk first, ties by place.
/// @param stays  probability of coming back, of each.
std::vector<AtRisk> churn_list(std::span<const double> stays,
                               std::span<const double> usual_spend);

}  // namespace ensue::tasks
