// SPDX-License-Identifier: Apache-2.0
// Learns what is usual, so that what is not can be told.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"

namespace ensue::classic {

struct AnomalyOptions {
  std::string buying = "purchase";  // action that is a purchase
  int least_customers = 200;        // of a class by number of events
  std::uint64_t seed = 1;
  void visit(auto&& field) {
    field("buying", buying, "the action that is a purchase");
    field("least_customers", least_customers,
          "customers that a class by number of events has at least");
    field("seed", seed, "who calibrates");
  }
};

/// Counts how actions, gaps and items follow one another, what is usual in the
/// numbers of a customer, and how odd customers are by nature. The customers
/// with events before `until` are dealt into two halves: one says what is
/// usual, the other how odd one is among those who had no say. The bots in the
/// log count like everybody; quantiles bear up to a tenth of them.
/// Answers through runtime/anomaly.h.
/// @throws Error(kInvalidArgument) with fewer than 20 customers.
artifact::Draft fit_anomaly(const events::Log& log, events::Millis until,
                            const AnomalyOptions& options);

}  // namespace ensue::classic
