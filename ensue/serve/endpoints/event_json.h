// SPDX-License-Identifier: Apache-2.0
// A stored event as JSON, as POST /v1/events takes it.
#pragma once

#include <cmath>
#include <variant>

#include "ensue/base/json.h"
#include "ensue/store/event.h"

namespace ensue::serve {

/// Without the user; what is not known is left out.
inline JsonObject event_json(const store::Event& event) {
  JsonObject out{{"time", events::count(event.time)}, {"action", event.action}};
  if (!event.item.empty()) out["item"] = event.item;
  if (!std::isnan(event.value)) out["value"] = shortest(event.value);
  if (!event.text.empty()) out["text"] = event.text;
  if (!event.session.empty()) out["session"] = event.session;
  if (!event.event_id.empty()) out["event_id"] = event.event_id;
  if (!event.answer_id.empty()) out["answer_id"] = event.answer_id;
  for (const auto& one : event.context) {
    std::visit([&](const auto& v) { out[one.first] = v; }, one.second);
  }
  return out;
}

}  // namespace ensue::serve
