// SPDX-License-Identifier: Apache-2.0
// Our own format: fields below, every other one is a context column. An empty
// text is no item, action, session, event_id or answer_id.
#include <utility>

#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

// A field that an event has of itself; false: the name is a context column.
bool read_field(const Row& row, std::string_view name, const Json& value,
                store::Event& event) {
  if (name == "user") {
    event.user = row.id(value);
  } else if (name == "item") {
    event.item = row.id_or_empty(value);
  } else if (name == "action") {
    if (auto action = row.id_or_empty(value); !action.empty()) {
      event.action = std::move(action);
    }
  } else if (name == "time") {
    event.time = row.time(value);
  } else if (name == "value") {
    event.value = row.value(value);
  } else if (name == "text") {
    event.text = row.text(value);
  } else if (name == "session") {
    event.session = row.id_or_empty(value);
  } else if (name == "event_id") {
    event.event_id = row.id_or_empty(value);
  } else if (name == "answer_id") {
    event.answer_id = row.id_or_empty(value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Incoming parse_events(std::string_view body, events::Millis now) {
  Incoming out;
  out.rows = each_row(body, [&](const Row& row) {
    store::Event& event = out.events.emplace_back();
    event.time = now;
    for (const auto& [key, value] : row.object()) {
      if (value.is_null() || read_field(row, key, value, event)) continue;
      row.add_context(event, key, value);
    }
    if (event.user.empty()) {
      row.missing(row.object(), "user", "expected text or a whole number");
    }
  });
  return out;
}

}  // namespace ensue::serve
