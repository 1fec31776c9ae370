// SPDX-License-Identifier: Apache-2.0
// Sessions of the OTTO data set; the session is the user.
#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

std::string action_of(std::string type) {
  if (type == "clicks") return "view";
  if (type == "carts") return "cart";
  if (type == "orders") return "purchase";
  return type;
}

}  // namespace

Incoming parse_otto(std::string_view body, events::Millis now) {
  Incoming out;
  out.rows = each_row(body, [&](const Row& row) {
    const std::string user = row.id(row.object(), "session");
    for (const Json& step :
         row.list(row.required(row.object(), "events", "expected a list"))) {
      const JsonObject& said = row.object(step);
      out.events.push_back(
          {.user = user,
           .item = row.id(said, "aid"),
           .action = action_of(row.id(said, "type")),
           .time = row.time_or(said, "ts", now, Unit::kMillis)});
    }
  });
  return out;
}

}  // namespace ensue::serve
