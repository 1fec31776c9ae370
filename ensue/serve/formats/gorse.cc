// SPDX-License-Identifier: Apache-2.0
// Gorse: rows of feedback, of items and of users, told apart by their fields.
//
// The action is FeedbackType, the text Comment. Times are any common format; an
// empty one or Go's year 1 is none.
#include "ensue/serve/formats/gorse.h"

#include "ensue/base/time_text.h"
#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/parsers.h"

namespace ensue::serve {

std::optional<events::Millis> gorse_time(const Row& row, const JsonObject& in) {
  const Json* value = field(in, "Timestamp");
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) {
    const std::string_view said(text->data(), text->size());
    if (said.empty() || said.starts_with("0001-01-01")) return std::nullopt;
  }
  return row.time(*value);
}

store::Event gorse_feedback(const Row& row, const JsonObject& in,
                            events::Millis now) {
  store::Event out{.user = row.id(in, "UserId"),
                   .item = row.id(in, "ItemId"),
                   .action = row.id(in, "FeedbackType"),
                   .time = gorse_time(row, in).value_or(now),
                   .text = row.text_or_none(in, "Comment")};
  if (const Json* value = field(in, "Value")) out.value = row.value(*value);
  if (const Json* labels = field(in, "Labels")) {
    out.context.emplace_back("Labels", to_text(*labels));
  }
  return out;
}

void gorse_item(const Row& row, const JsonObject& in, JsonObject& document) {
  if (const Json* hidden = field(in, "IsHidden")) {
    document["hidden"] = row.truth(*hidden);
  }
  if (const Json* categories = field(in, "Categories")) {
    JsonArray names;
    for (const Json& name : row.list(*categories)) {
      names.push_back(Json(row.id(name)));
    }
    document["category"] = std::move(names);
  }
  if (const auto time = gorse_time(row, in)) {
    std::string text = time_text(count(*time)) + "Z";
    text[10] = 'T';
    document["time"] = text;
  }
  gorse_user(row, in, document);
}

void gorse_user(const Row& row, const JsonObject& in, JsonObject& document) {
  if (const Json* labels = field(in, "Labels")) document["labels"] = *labels;
  if (const Json* comment = field(in, "Comment")) {
    document["comment"] = row.text(*comment);
  }
}

Incoming parse_gorse(std::string_view body, events::Millis now) {
  Incoming out;
  Documents items, users;
  out.rows = each_row(body, [&](const Row& row) {
    const JsonObject& in = row.object();
    if (field(in, "FeedbackType") != nullptr) {
      out.events.push_back(gorse_feedback(row, in, now));
    } else if (field(in, "ItemId") != nullptr) {
      gorse_item(row, in, items.of(row.id(in, "ItemId")));
    } else if (field(in, "UserId") != nullptr) {
      gorse_user(row, in, users.of(row.id(in, "UserId")));
    } else {
      row.missing(in, "FeedbackType", "expected it, ItemId or UserId");
    }
  });
  out.items = items.take();
  out.users = users.take();
  return out;
}

}  // namespace ensue::serve
