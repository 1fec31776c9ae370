// SPDX-License-Identifier: Apache-2.0
// Which customers do not fit, in words, and which of their events.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/runtime/anomaly.h"

namespace ensue::tasks {

/// Whether an artifact holds what `ensue train --task anomaly` writes.
bool is_anomaly(const artifact::Description& about);

/// "gap_seconds 2 is low (usually 21, most 14 to 33)": the `most` largest
/// deviations of at least 2; "nothing sticks out" when there is none.
std::string reasons_text(const runtime::Anomaly& model,
                         const runtime::AnomalyAnswer& answer,
                         std::size_t most = 3);

/// An event and how unexpected it was after what came before it.
struct OddEvent {
  std::size_t event = 0;  // place in the history
  double surprise = 0;    // nats: the sum of the parts that were asked
  runtime::EventSurprise parts;
};

/// A customer as of an instant.
struct OddCustomer {
  runtime::AnomalyAnswer answer;
  std::vector<OddEvent> events;  // the most surprising first, ties by place
};

/// By the events strictly before `at`. @param most  events that are named.
OddCustomer judge_customer(const runtime::Anomaly& model,
                           const events::History& history, events::Millis at,
                           std::size_t most);

/// {"score", "oddness", "words", "reasons", "surprises"}. @param history  what
/// was judged, in the ids of the model.
JsonObject to_json(const runtime::Anomaly& model, const OddCustomer& customer,
                   const events::History& history);

}  // namespace ensue::tasks
