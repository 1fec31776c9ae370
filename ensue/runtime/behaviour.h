// SPDX-License-Identifier: Apache-2.0
// How a customer behaves, in a few numbers: what groups are found from and
// what odd customers stick out by.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"
#include "ensue/events/table.h"

namespace ensue::runtime {

/// Numbers of a history as of a moment. Columns, days being days of 24 hours
/// and sessions ending where half an hour passes without an event:
///   recency_days, age_days     since the last and the first event
///   sessions, events, items    how many; items: distinct ones
///   sessions_per_month         sessions over max(age_days, 7), times 30.4
///   events_per_session
///   new_item_share             items / events with an item
///   gap_seconds                median time between events of a session
///   purchases, spend           events of the buying action, sum of values
///   price                      mean value of all events that have one
///   share_<action>             of each action of the vocabulary
///   night_share                events from 0:00 to 6:00 UTC
/// NaN where nothing is known: no pair of events, no value. A log without a
/// clock has items, events, new_item_share, purchases, spend, price and shares.
class Behaviour {
 public:
  /// @param buying  the action that is a purchase; not in the vocabulary: a log
  ///   of one action holds purchases alone, others hold none.
  Behaviour(const events::Vocabulary& actions, bool clock,
            const std::string& buying = "purchase");

  const std::vector<std::string>& names() const noexcept { return names_; }
  /// Events after `now` must not be there. `out` [names()].
  void measure(const events::History& history, events::Millis now,
               std::span<double> out) const;

  /// A row of measure() for every history.
  events::Table table(std::span<const events::History> histories,
                      events::Millis now) const;

 private:
  void measure_times(const events::History& history, events::Millis now,
                     double* out) const;

  std::vector<std::string> names_;
  std::size_t actions_;
  bool clock_;
  std::size_t buying_;  // index of the action; actions_: there is none
};

}  // namespace ensue::runtime
