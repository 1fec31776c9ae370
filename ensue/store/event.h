// SPDX-License-Identifier: Apache-2.0
// An event as a shop sends it: names, not ids.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ensue/events/ids.h"

namespace ensue::store {

struct Event {
  std::string user;  // not empty
  std::string item;  // "": none (a search, a log-in)
  std::string action = "view";
  events::Millis time{0};
  float value = std::numeric_limits<float>::quiet_NaN();  // NaN: none
  std::string text = {};                                  // a query, a review
  std::string session = {};
  /// Said again, the event is the same one; "": every event is new.
  std::string event_id = {};
  /// The answer that it follows; "": unknown.
  std::string answer_id = {};
  using Value = std::variant<std::string, double>;
  /// Named columns, in the order given.
  std::vector<std::pair<std::string, Value>> context = {};

  bool operator==(const Event& other) const;  // a NaN equals a NaN
};

/// @throws Error(kInvalidArgument) naming the first event without a user.
void check(std::span<const Event> events);

}  // namespace ensue::store
