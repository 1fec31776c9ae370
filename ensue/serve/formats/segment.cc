// SPDX-License-Identifier: Apache-2.0
// Segment's e-commerce calls, alone or as {batch: […]}.
//
// The customer is userId, else anonymousId. `identify` fills the user's
// document; a `track` outside the table is skipped unless its properties name a
// product; other calls (page, screen, group, alias) are skipped.
#include <array>

#include "ensue/serve/formats/commerce.h"
#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

constexpr std::array<Name, 14> kActs = {{
    {"Products Searched", "search"},
    {"Product List Viewed", kShown},
    {"Product Clicked", "click"},
    {"Product Viewed", "view"},
    {"Product Added", "cart"},
    {"Product Added to Wishlist", "favourite"},
    {"Product Removed", "remove"},
    {"Cart Viewed", "view_cart"},
    {"Checkout Started", "checkout"},
    {"Order Completed", "purchase"},
    {"Order Refunded", "return"},
    {"Order Cancelled", "cancel"},
    {"Product Reviewed", "review"},
    {"Product List Filtered", kShown},
}};

constexpr std::array<std::string_view, 4> kContext = {"currency", "coupon",
                                                      "order_id", "cart_id"};

ProductFields product_fields() {
  return {.ids = {"product_id", "sku"},
          .document = {{"name", "title"},
                       {"category", "category"},
                       {"brand", "brand"}},
          .context = {"variant"}};
}

std::string customer(const Row& row, const JsonObject& in) {
  for (const std::string_view name : {"userId", "anonymousId"}) {
    if (std::string id = row.id_or_none(in, name); !id.empty()) return id;
  }
  row.missing(in, "userId", "expected it or anonymousId");
}

events::Millis time_of(const Row& row, const JsonObject& in,
                       events::Millis now) {
  for (const std::string_view name :
       {"timestamp", "originalTimestamp", "sentAt"}) {
    if (const Json* value = field(in, name)) return row.time(*value);
  }
  return now;
}

// What a review or a search says in words, and the worth of the whole act.
void read_words(const Row& row, const JsonObject& properties, Deed& deed) {
  if (deed.event.action == "review") {
    deed.event.text = row.text_or_none(properties, "review_body");
    if (const Json* rating = field(properties, "rating")) {
      deed.worth = row.value(*rating);
    }
    return;
  }
  if (deed.event.action == "search") {
    deed.event.text = row.text_or_none(properties, "query");
  }
  for (const std::string_view name : {"value", "revenue", "total"}) {
    if (const Json* value = field(properties, name)) {
      deed.worth = row.value(*value);
      return;
    }
  }
}

void read_track(const Row& row, const JsonObject& in, events::Millis now,
                Commerce& shop) {
  static const JsonObject none;
  const Json* said = field(in, "properties");
  const JsonObject& properties = said == nullptr ? none : row.object(*said);
  auto products = objects(row, row.list_or_none(properties, "products"));
  const bool one = field(properties, "product_id") != nullptr ||
                   field(properties, "sku") != nullptr;
  if (products.empty() && one) products.push_back(&properties);

  const std::string name = row.id(in, "event");
  std::string_view action = ours(kActs, name);
  if (action.empty() && products.empty()) return shop.skip();
  if (action.empty()) action = name;
  if (products.empty() && action != kShown && name.starts_with("Product ")) {
    row.missing(properties, "product_id", "expected it or sku");
  }
  Deed deed;
  deed.event = {.user = customer(row, in),
                .item = {},
                .action = std::string(action),
                .time = time_of(row, in, now),
                .event_id = row.id_or_none(in, "messageId")};
  read_words(row, properties, deed);
  add_context(row, properties, kContext, deed.event);
  shop.add(row, std::move(deed), products);
}

void read_call(const Row& row, const JsonObject& in, events::Millis now,
               Commerce& shop) {
  const std::string type = row.id_or_none(in, "type");
  if (type == "identify") {
    const Json* traits = field(in, "traits");
    if (traits == nullptr) return shop.skip();
    JsonObject& document = shop.users().of(customer(row, in));
    for (const auto& [key, value] : row.object(*traits)) document[key] = value;
  } else if (type == "track" || (type.empty() && field(in, "event"))) {
    read_track(row, in, now, shop);
  } else if (type.empty()) {
    row.missing(in, "type", "expected track, identify or another call");
  } else {
    shop.skip();
  }
}

}  // namespace

Incoming parse_segment(std::string_view body, events::Millis now) {
  Commerce shop(product_fields());
  const std::size_t rows = each_row(body, [&](const Row& row) {
    const Json* batch = field(row.object(), "batch");
    if (batch == nullptr) return read_call(row, row.object(), now, shop);
    for (const Json& call : row.list(*batch)) {
      read_call(row, row.object(call), now, shop);
    }
  });
  Incoming out = shop.take();
  out.rows = rows;
  return out;
}

}  // namespace ensue::serve
