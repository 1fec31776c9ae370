// SPDX-License-Identifier: Apache-2.0
// Why a customer model answered so.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/explain/event_reasons.h"
#include "ensue/explain/table_reasons.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::tasks {

struct CustomerReasons {
  double answer = 0;
  /// Of each feature: SHAP values and coefficients, which sum to the margin.
  explain::TableReasons features;
  /// Of each event: the margin with it less the margin without it.
  std::vector<explain::EventReason> events;
  /// Likewise of each instant; empty where no instant holds several events.
  std::vector<explain::EventReason> instants;
  std::size_t not_looked_at = 0;  // earlier events
};

/// Margins are log-odds, numbers, logarithms of counts. Events from `at` on
/// are not looked at. Costs a margin per event looked at.
/// @throws Error(kInvalidArgument) as explain::explain_row() for models whose
///   members have no contributions.
CustomerReasons explain_customer(const CustomerModel& model,
                                 const events::History& history,
                                 events::Millis at,
                                 std::size_t max_events = 200,
                                 std::size_t output = 0);

/// What explain_customer() asks of histories.
explain::HistoryScore margin_of(const CustomerModel& model, events::Millis at,
                                std::size_t output = 0);

/// Events strictly before `at`.
events::History before(const events::History& history, events::Millis at);

}  // namespace ensue::tasks
