// SPDX-License-Identifier: Apache-2.0
// Metarank's feedback events: item, user, ranking, interaction.
//
// Fields of items and users become documents; an interaction is an event whose
// action is its type; a ranking is what was shown, joined by its id. The
// customer is the user, else the session; an interaction that names neither
// belongs to its ranking, or stands for itself under its own id.
#include "ensue/serve/formats/metarank.h"

#include <utility>

#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/parsers.h"

namespace ensue::serve {
namespace {

constexpr std::string_view kKinds =
    "expected item, user, ranking or interaction";

void read_document(const Row& row, const JsonObject& in, JsonObject& document) {
  for (const MetarankField& said : metarank_fields(row, in)) {
    document[said.name] = *said.value;
  }
}

// A column's value: a list as JSON.
void add_column(const Row& row, const MetarankField& said,
                store::Event& event) {
  std::erase_if(event.context,
                [&](const auto& column) { return column.first == said.name; });
  if (said.value->is_array()) {
    const Json text(to_text(*said.value));
    row.add_context(event, said.name, text);
  } else {
    row.add_context(event, said.name, *said.value);
  }
}

store::Event read_interaction(const Row& row, const JsonObject& in,
                              events::Millis now) {
  store::Event out{.user = metarank_user(row, in),
                   .item = row.id(in, "item"),
                   .action = row.id(in, "type"),
                   .time = metarank_time(row, in, now),
                   .session = row.id_or_none(in, "session"),
                   .event_id = row.id(in, "id"),
                   .answer_id = row.id_or_none(in, "ranking")};
  if (out.user.empty()) {
    out.user = out.answer_id.empty() ? out.event_id : out.answer_id;
  }
  for (const MetarankField& said : metarank_fields(row, in)) {
    add_column(row, said, out);
  }
  return out;
}

store::Answer read_ranking(const Row& row, const JsonObject& in,
                           events::Millis now) {
  store::Answer out{.id = row.id(in, "id"),
                    .user = metarank_user(row, in),
                    .model = "",
                    .time = metarank_time(row, in, now),
                    .items = {}};
  if (out.user.empty()) out.user = out.id;
  for (std::string& item : metarank_items(row, in)) {
    out.items.push_back({.item = std::move(item)});
  }
  return out;
}

}  // namespace

std::string metarank_user(const Row& row, const JsonObject& in) {
  std::string user = row.id_or_none(in, "user");
  return user.empty() ? row.id_or_none(in, "session") : user;
}

std::vector<MetarankField> metarank_fields(const Row& row,
                                           const JsonObject& in) {
  std::vector<MetarankField> out;
  for (const Json& pair : row.list_or_none(in, "fields")) {
    const JsonObject& said = row.object(pair);
    const Json& value = row.required(
        said, "value", "expected text, a number, true, false or a list");
    if (value.is_object()) {
      row.refuse(value, "expected text, a number, true, false or a list");
    }
    if (value.is_array()) {
      for (const Json& member : value.get_array()) {
        if (!member.is_string() && !member.is_number()) {
          row.refuse(member, "expected text or a number");
        }
      }
    }
    out.push_back({row.id(said, "name"), &value});
  }
  return out;
}

events::Millis metarank_time(const Row& row, const JsonObject& in,
                             events::Millis now) {
  return row.time_or(in, "timestamp", now, Unit::kMillis);
}

std::vector<std::string> metarank_items(const Row& row, const JsonObject& in) {
  std::vector<std::string> out;
  for (const Json& item :
       row.list(row.required(in, "items", "expected a list of {id}"))) {
    out.push_back(row.id(row.object(item), "id"));
  }
  return out;
}

Incoming parse_metarank(std::string_view body, events::Millis now) {
  Incoming out;
  Documents items, users;
  out.rows = each_row(body, [&](const Row& row) {
    const JsonObject& in = row.object();
    const Json& said = row.required(in, "event", kKinds);
    const std::string kind = row.id(said);
    if (kind == "item") {
      read_document(row, in, items.of(row.id(in, "item")));
    } else if (kind == "user") {
      read_document(row, in, users.of(row.id(in, "user")));
    } else if (kind == "interaction") {
      out.events.push_back(read_interaction(row, in, now));
    } else if (kind == "ranking") {
      out.shown.push_back(read_ranking(row, in, now));
    } else {
      row.refuse(said, kKinds);
    }
  });
  out.items = items.take();
  out.users = users.take();
  return out;
}

}  // namespace ensue::serve
