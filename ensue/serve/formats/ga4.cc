// SPDX-License-Identifier: Apache-2.0
// Google Analytics 4: rows of the BigQuery export, and bodies of the
// Measurement Protocol ({client_id, events: [{name, params}]}).
//
// The customer is user_id, else user_pseudo_id (client_id); rows of nobody are
// skipped. So are events outside the table unless they name items; then the
// action is their name.
// A category of several levels stays in fields category, category2 … category5.
#include <array>

#include "ensue/serve/formats/commerce.h"
#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

constexpr std::array<Name, 13> kActs = {{
    {"view_item", "view"},
    {"view_item_list", kShown},
    {"select_item", "click"},
    {"add_to_cart", "cart"},
    {"add_to_wishlist", "favourite"},
    {"remove_from_cart", "remove"},
    {"view_cart", "view_cart"},
    {"begin_checkout", "checkout"},
    {"purchase", "purchase"},
    {"refund", "return"},
    {"search", "search"},
    {"view_search_results", "search"},
    {"view_promotion", kShown},
}};

constexpr std::array<std::string_view, 3> kContext = {"currency", "coupon",
                                                      "transaction_id"};

ProductFields product_fields() {
  return {.ids = {"item_id", "item_name"},
          .document = {{"item_name", "title"},
                       {"item_brand", "brand"},
                       {"item_category", "category"},
                       {"item_category2", "category2"},
                       {"item_category3", "category3"},
                       {"item_category4", "category4"},
                       {"item_category5", "category5"}},
          .context = {"item_variant", "discount", "coupon"}};
}

// One event with the fields of both shapes: parameters may be an object, or a
// list of {key, value: {string_value | int_value | …}}.
class Ga4Event {
 public:
  Ga4Event(const Row& row, const JsonObject& event, const Json* parameters)
      : row_(row), event_(event), parameters_(parameters) {
    if (parameters_ != nullptr && !parameters_->is_array()) {
      row.object(*parameters_);
    }
  }

  // A parameter, or a field of the event itself; nullptr: neither.
  const Json* find(std::string_view name) const {
    if (parameters_ != nullptr) {
      const Json* found = parameters_->is_array()
                              ? in_list(name)
                              : field(parameters_->get_object(), name);
      if (found != nullptr) return found;
    }
    if (const Json* found = field(event_, name)) return found;
    const Json* money = field(event_, "ecommerce");  // of export rows
    return money == nullptr ? nullptr : field(row_.object(*money), name);
  }

 private:
  const Json* in_list(std::string_view name) const {
    for (const Json& pair : parameters_->get_array()) {
      const JsonObject& said = row_.object(pair);
      const Json* key = field(said, "key");
      const Json* value = field(said, "value");
      if (key == nullptr || !key->is_string() || key->get_string() != name ||
          value == nullptr) {
        continue;
      }
      if (!value->is_object()) return value;
      for (const auto& [type, inner] : value->get_object()) {
        if (!inner.is_null()) return &inner;
      }
    }
    return nullptr;
  }

  const Row& row_;
  const JsonObject& event_;
  const Json* parameters_;
};

// What a body of the Measurement Protocol says once for all its events.
struct Sender {
  std::string user;
  events::Millis time;
};

// "": nobody is named, as where consent was denied.
std::string customer(const Row& row, const JsonObject& in) {
  for (const std::string_view name :
       {"user_id", "user_pseudo_id", "client_id", "app_instance_id"}) {
    if (std::string id = row.id_or_none(in, name); !id.empty()) return id;
  }
  return {};
}

void read_event(const Row& row, const JsonObject& in, const Sender& sender,
                std::string_view name, const Ga4Event& event, Commerce& shop) {
  std::vector<const JsonObject*> products;
  if (const Json* items = event.find("items")) {
    products = objects(row, row.list(*items));
  }
  std::string_view action = ours(kActs, name);
  if (sender.user.empty() || (action.empty() && products.empty())) {
    return shop.skip();
  }
  if (action.empty()) action = name;
  Deed deed;
  deed.event = {.user = sender.user,
                .item = {},
                .action = std::string(action),
                .time = row.time_or(in, "event_timestamp",
                                    row.time_or(in, "timestamp_micros",
                                                sender.time, Unit::kMicros),
                                    Unit::kMicros)};
  for (const std::string_view key : {"ga_session_id", "session_id"}) {
    const Json* session = event.find(key);
    if (session != nullptr && deed.event.session.empty()) {
      deed.event.session = row.id_or_empty(*session);
    }
  }
  const Json* query = action == "search" ? event.find("search_term") : nullptr;
  if (query != nullptr) deed.event.text = row.text(*query);
  if (const Json* value = event.find("value")) deed.worth = row.value(*value);
  for (const std::string_view key : kContext) {
    if (const Json* value = event.find(key)) {
      row.add_context(deed.event, key, *value);
    }
  }
  shop.add(row, std::move(deed), products);
}

void read_protocol(const Row& row, events::Millis now, Commerce& shop) {
  const JsonObject& body = row.object();
  const Sender sender{customer(row, body), row.time_or(body, "timestamp_micros",
                                                       now, Unit::kMicros)};
  if (sender.user.empty()) {
    row.missing(body, "client_id", "expected it or user_id");
  }
  for (const JsonObject* event :
       objects(row, row.list_or_none(body, "events"))) {
    read_event(row, *event, sender, row.id(*event, "name"),
               Ga4Event(row, *event, field(*event, "params")), shop);
  }
}

}  // namespace

Incoming parse_ga4(std::string_view body, events::Millis now) {
  Commerce shop(product_fields());
  const std::size_t rows = each_row(body, [&](const Row& row) {
    const JsonObject& in = row.object();
    if (field(in, "events") != nullptr) return read_protocol(row, now, shop);
    const std::string name = row.id(in, "event_name");
    read_event(row, in, {customer(row, in), now}, name,
               Ga4Event(row, in, field(in, "event_params")), shop);
  });
  Incoming out = shop.take();
  out.rows = rows;
  return out;
}

}  // namespace ensue::serve
