// SPDX-License-Identifier: Apache-2.0
// What a format made of a body, as lines that a test can compare.
#pragma once

#include <cmath>
#include <sstream>
#include <string>
#include <string_view>

#include "ensue/base/error.h"
#include "ensue/base/json.h"
#include "ensue/serve/formats/format.h"

namespace ensue::serve {

inline constexpr events::Millis kNow{1'712'145'600'000};  // 2024-04-03 12:00

/// "ann a view 0 value=3 text=… session=… id=… answer=… name=value …": the time
/// in milliseconds since kNow; what an event does not have is left out.
inline std::string line_of(const store::Event& event) {
  std::string out = event.user + " " + (event.item.empty() ? "-" : event.item) +
                    " " + event.action + " " +
                    std::to_string(count(event.time) - count(kNow));
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out += " " + std::string(name) + "=" + text;
  };
  if (!std::isnan(event.value)) {
    std::ostringstream value;
    value << event.value;
    add("value", value.str());
  }
  add("text", event.text);
  add("session", event.session);
  add("id", event.event_id);
  add("answer", event.answer_id);
  for (const auto& [name, value] : event.context) {
    const auto* number = std::get_if<double>(&value);
    add(name, number != nullptr ? to_toml_value(*number)
                                : "'" + std::get<std::string>(value) + "'");
  }
  return out;
}

/// Every event, then "item ID {…}", "user ID {…}", "shown ID to USER at TIME:
/// items", "skipped N", a line each; or the message of the Error.
inline std::string said(std::string_view format, std::string_view body) {
  try {
    const Incoming in = formats().find(format).parse(body, kNow);
    std::string out;
    for (const auto& event : in.events) out += line_of(event) + "\n";
    for (const auto& item : in.items) {
      out += "item " + item.id + " " + item.json + "\n";
    }
    for (const auto& user : in.users) {
      out += "user " + user.id + " " + user.json + "\n";
    }
    for (const auto& answer : in.shown) {
      out += "shown " + answer.id + " to " + answer.user + " at " +
             std::to_string(count(answer.time) - count(kNow)) + ":";
      for (const auto& item : answer.items) out += " " + item.item;
      out += "\n";
    }
    if (in.skipped > 0) out += "skipped " + std::to_string(in.skipped) + "\n";
    return out;
  } catch (const Error& error) {
    return error.code() == Code::kInvalidArgument
               ? error.what()
               : std::string("wrong code: ") + error.what();
  }
}

}  // namespace ensue::serve
