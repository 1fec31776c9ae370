// SPDX-License-Identifier: Apache-2.0
// Amazon Personalize: PutEvents, PutItems and PutUsers.
//
// The customer is userId, else the session (events of somebody who has not
// logged in). Actions are event types as they are. `properties` are an object
// or, as the service takes them, JSON in a text; bare numbers of sentAt are
// seconds. An impression becomes what was shown.
#include "ensue/serve/formats/commerce.h"
#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

// The properties of an event, an item or a user; empty when there are none.
JsonObject properties_of(const Row& row, const JsonObject& in) {
  const Json* found = field(in, "properties");
  if (found == nullptr) return {};
  const auto* text = found->if_string();
  if (text == nullptr) {
    return JsonObject(row.object(*found), boost::json::storage_ptr());
  }
  if (text->empty()) return {};
  try {
    JsonReader reader(std::string_view(text->data(), text->size()));
    const Json* inner = reader.next();
    if (inner != nullptr && inner->is_object()) {
      return JsonObject(inner->get_object(), boost::json::storage_ptr());
    }
  } catch (const Error&) {
    // Its place inside the text would mislead.
  }
  row.refuse(*found, "expected a JSON object");
}

struct Sender {
  std::string user, session;
};

void show(const Row& row, const JsonObject& in, const store::Event& event,
          Incoming& out) {
  const JsonArray& items = row.list_or_none(in, "impression");
  if (items.empty()) return;
  store::Answer answer{.id = event.answer_id,
                       .user = event.user,
                       .model = "",
                       .time = event.time,
                       .items = {}};
  for (const Json& item : items) answer.items.push_back({.item = row.id(item)});
  if (answer.id.empty()) answer.id = made_answer_id(answer);
  out.shown.push_back(std::move(answer));
}

void read_event(const Row& row, const JsonObject& in, const Sender& sender,
                events::Millis now, Incoming& out) {
  store::Event event{.user = sender.user,
                     .item = row.id_or_none(in, "itemId"),
                     .action = row.id(in, "eventType"),
                     .time = row.time_or(in, "sentAt", now, Unit::kSeconds),
                     .session = sender.session,
                     .event_id = row.id_or_none(in, "eventId"),
                     .answer_id = row.id_or_none(in, "recommendationId")};
  if (const Json* value = field(in, "eventValue")) {
    event.value = row.value(*value);
  }
  for (const auto& [key, value] : properties_of(row, in)) {
    if (!value.is_null()) row.add_context(event, key, value);
  }
  const std::size_t before = out.shown.size();
  show(row, in, event, out);
  // What follows an impression of its own is joined to it.
  if (out.shown.size() > before) event.answer_id = out.shown.back().id;
  out.events.push_back(std::move(event));
}

void read_documents(const Row& row, const JsonArray& list,
                    std::string_view id_name, Documents& out) {
  for (const JsonObject* in : objects(row, list)) {
    JsonObject& document = out.of(row.id(*in, id_name));
    for (const auto& [key, value] : properties_of(row, *in)) {
      document[key] = value;
    }
  }
}

}  // namespace

Incoming parse_personalize(std::string_view body, events::Millis now) {
  Incoming out;
  Documents items, users;
  out.rows = each_row(body, [&](const Row& row) {
    const JsonObject& in = row.object();
    if (field(in, "items") != nullptr) {
      return read_documents(row, row.list(in.at("items")), "itemId", items);
    }
    if (field(in, "users") != nullptr) {
      return read_documents(row, row.list(in.at("users")), "userId", users);
    }
    Sender sender{row.id_or_none(in, "userId"),
                  row.id_or_none(in, "sessionId")};
    if (sender.user.empty()) sender.user = sender.session;
    if (sender.user.empty()) {
      row.missing(in, "userId", "expected it or sessionId");
    }
    for (const Json& event :
         row.list(row.required(in, "eventList", "expected a list of events"))) {
      read_event(row, row.object(event), sender, now, out);
    }
  });
  out.items = items.take();
  out.users = users.take();
  return out;
}

}  // namespace ensue::serve
