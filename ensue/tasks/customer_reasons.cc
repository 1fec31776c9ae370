// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/customer_reasons.h"

#include <algorithm>

namespace ensue::tasks {

explain::HistoryScore margin_of(const CustomerModel& model, events::Millis at,
                                std::size_t output) {
  return [&model, at, output](const events::History& history) {
    return model.table().margins(model.features(history, at))[output];
  };
}

events::History before(const events::History& history, events::Millis at) {
  const auto end = std::ranges::lower_bound(history.times, at);
  return history.first(static_cast<std::size_t>(end - history.times.begin()));
}

CustomerReasons explain_customer(const CustomerModel& model,
                                 const events::History& history,
                                 events::Millis at, std::size_t max_events,
                                 std::size_t output) {
  const events::History past = before(history, at);
  CustomerReasons out;
  out.answer = model.answer(past, at)[output];
  out.features =
      explain::explain_row(model.table(), model.features(past, at), 0, output);
  const auto score = margin_of(model, at, output);
  out.events = explain::leave_events_out(score, past, max_events);
  if (std::ranges::adjacent_find(past.times) != past.times.end()) {
    out.instants = explain::leave_instants_out(score, past, max_events);
  }
  out.not_looked_at = past.size() - out.events.size();
  return out;
}

}  // namespace ensue::tasks
