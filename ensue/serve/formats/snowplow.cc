// SPDX-License-Identifier: Apache-2.0
// Snowplow's e-commerce events (snowplow_ecommerce_action and its entities), as
//  - enriched events in JSON, as the analytics SDKs write them
//    (unstruct_event_com_…_snowplow_ecommerce_action_1, contexts_com_…), or
//    with self-describing data {schema, data} under the same fields;
//  - tracker payloads {schema: …payload_data…, data: [{e, ue_pr | ue_px, co |
//    cx, uid, duid, …}]}.
//
// The customer is user_id, else domain_userid, else network_userid. Events that
// are no e-commerce action, and those of nobody, are skipped.
#include <array>
#include <deque>

#include "ensue/serve/formats/commerce.h"
#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

constexpr std::array<Name, 11> kActs = {{
    {"product_view", "view"},
    {"list_view", kShown},
    {"list_click", "click"},
    {"promo_view", "view_promotion"},
    {"promo_click", "click_promotion"},
    {"add_to_cart", "cart"},
    {"remove_from_cart", "remove"},
    {"checkout_step", "checkout"},
    {"transaction", "purchase"},
    {"refund", "return"},
    {"trns_error", "transaction_error"},
}};

ProductFields product_fields() {
  return {.ids = {"id"},
          .document = {{"name", "title"},
                       {"category", "category"},
                       {"brand", "brand"},
                       {"list_price", "list_price"}},
          .context = {"currency", "variant"}};
}

// Names of the fields in enriched events and in tracker payloads.
struct EventFields {
  std::array<std::string_view, 3> users, times;
  std::string_view session, id;
};
constexpr EventFields kEnriched = {
    {"user_id", "domain_userid", "network_userid"},
    {"derived_tstamp", "dvce_created_tstamp", "collector_tstamp"},
    "domain_sessionid",
    "event_id"};
constexpr EventFields kTracker = {
    {"uid", "duid", "tnuid"}, {"ttm", "dtm", "stm"}, "sid", "eid"};

// An action and what was said beside it.
struct Said {
  const JsonObject* action = nullptr;
  std::vector<const JsonObject*> products;
  const JsonObject* transaction = nullptr;  // or a refund
  const JsonObject* promotion = nullptr;
};

constexpr std::string_view kAction = "snowplow_ecommerce_action";

// Takes one {schema, data}, by the name in its schema:
// iglu:com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/1-0-0.
void take_entity(const Row& row, std::string_view schema, const Json& data,
                 Said& said) {
  const auto is = [&](std::string_view name) {
    return schema.find("ecommerce/" + std::string(name) + "/") !=
               std::string_view::npos ||
           schema.find("ecommerce_" + std::string(name) + "_1") !=
               std::string_view::npos;
  };
  if (is(kAction)) {
    said.action = &row.object(data);
  } else if (is("product")) {
    said.products.push_back(&row.object(data));
  } else if (is("transaction") || is("refund")) {
    said.transaction = &row.object(data);
  } else if (is("promotion")) {
    said.promotion = &row.object(data);
  }
}

// Self-describing data: one, a list, or one whose data is such again.
void take_described(const Row& row, const Json& value, Said& said,
                    int depth = 0) {
  if (value.is_array()) {
    for (const Json& member : value.get_array()) {
      take_described(row, member, said, depth + 1);
    }
    return;
  }
  const JsonObject& in = row.object(value);
  const std::string schema = row.text_or_none(in, "schema");
  const Json& data = row.required(in, "data", "expected what schema describes");
  const bool wraps = schema.find("/unstruct_event/") != std::string::npos ||
                     schema.find("/contexts/") != std::string::npos;
  if (wraps && depth < 8) return take_described(row, data, said, depth + 1);
  take_entity(row, schema, data, said);
}

void read_action(const Row& row, const JsonObject& in, const EventFields& names,
                 const Said& said, events::Millis now, Commerce& shop) {
  Deed deed;
  store::Event& event = deed.event;
  for (const std::string_view name : names.users) {
    if (event.user.empty()) event.user = row.id_or_none(in, name);
  }
  if (said.action == nullptr || event.user.empty()) return shop.skip();
  const std::string type = row.id(*said.action, "type");
  const std::string_view action = ours(kActs, type);
  event.action = action.empty() ? type : std::string(action);
  event.time = now;
  for (const std::string_view name : names.times) {
    if (const Json* value = field(in, name)) {
      event.time = row.time(*value);
      break;
    }
  }
  event.session = row.id_or_none(in, names.session);
  event.event_id = row.id_or_none(in, names.id);
  add_context(row, *said.action, std::array<std::string_view, 1>{"name"},
              event);
  if (said.transaction != nullptr) {
    for (const std::string_view worth : {"revenue", "refund_amount"}) {
      if (const Json* value = field(*said.transaction, worth)) {
        deed.worth = row.value(*value);
      }
    }
    add_context(row, *said.transaction,
                std::array<std::string_view, 3>{"transaction_id", "currency",
                                                "payment_method"},
                event);
  }
  if (said.promotion != nullptr) {
    if (const Json* id = field(*said.promotion, "id")) {
      row.add_context(event, "promotion", *id);
    }
  }
  shop.add(row, std::move(deed), said.products);
}

void read_enriched(const Row& row, events::Millis now, Commerce& shop) {
  Said said;
  for (const auto& [key, value] : row.object()) {
    if (value.is_null()) continue;
    const std::string_view name = key;
    const bool event = name.starts_with("unstruct_event");
    const bool context = name.starts_with("contexts");
    if (!event && !context) continue;
    if (name == "unstruct_event" || name == "contexts") {
      take_described(row, value, said);
    } else if (context) {
      for (const Json& member : row.list(value)) {
        take_entity(row, name, member, said);
      }
    } else {
      take_entity(row, name, value, said);
    }
  }
  read_action(row, row.object(), kEnriched, said, now, shop);
}

// Base64 with either alphabet, padded or not; nullopt: it is none.
std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0, held = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = c - 'A';
    } else if (c >= 'a' && c <= 'z') {
      value = c - 'a' + 26;
    } else if (c >= '0' && c <= '9') {
      value = c - '0' + 52;
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else {
      return std::nullopt;
    }
    bits = bits << 6 | value;
    if ((held += 6) >= 8) out += static_cast<char>(bits >> (held -= 8) & 0xFF);
  }
  return out;
}

// JSON inside a text of JSON, read where it stands.
Json read_inner(const Row& row, const Json& value, bool base64) {
  std::string text = row.text(value);
  if (base64) {
    auto decoded = decode_base64(text);
    if (!decoded) row.refuse(value, "expected base64");
    text = std::move(*decoded);
  }
  try {
    JsonReader reader(text);
    const Json* found = reader.next();
    if (found != nullptr) return Json(*found, boost::json::storage_ptr());
  } catch (const Error&) {
    // Its place inside the text would mislead.
  }
  row.refuse(value, "expected JSON");
}

void read_payload(const Row& row, const JsonObject& in, events::Millis now,
                  Commerce& shop) {
  std::deque<Json> inner;  // what `said` points into
  Said said;
  for (const auto& [key, base64] :
       {std::pair{"ue_pr", false}, std::pair{"ue_px", true},
        std::pair{"co", false}, std::pair{"cx", true}}) {
    const Json* value = field(in, key);
    if (value == nullptr) continue;
    inner.push_back(read_inner(row, *value, base64));
    take_described(row, inner.back(), said);
  }
  read_action(row, in, kTracker, said, now, shop);
}

}  // namespace

Incoming parse_snowplow(std::string_view body, events::Millis now) {
  Commerce shop(product_fields());
  const std::size_t rows = each_row(body, [&](const Row& row) {
    const JsonObject& in = row.object();
    const Json* data = field(in, "data");
    if (data == nullptr || !data->is_array()) {
      return read_enriched(row, now, shop);
    }
    for (const Json& payload : data->get_array()) {
      read_payload(row, row.object(payload), now, shop);
    }
  });
  Incoming out = shop.take();
  out.rows = rows;
  return out;
}

}  // namespace ensue::serve
