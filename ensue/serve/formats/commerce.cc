// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/formats/commerce.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "ensue/base/hash.h"

namespace ensue::serve {

void Commerce::add(const Row& row, Deed deed,
                   std::span<const JsonObject* const> products) {
  if (deed.event.action == kShown) return show(row, deed, products);
  if (products.empty()) {
    deed.event.value = deed.worth;
    out_.events.push_back(std::move(deed.event));
    return;
  }
  const std::string id = deed.event.event_id;
  const bool several = products.size() > 1;
  if (several) deed.worth = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t i = 0; i < products.size(); ++i) {
    add_product(row, deed, *products[i],
                several && !id.empty() ? id + "/" + std::to_string(i) : id);
  }
}

void Commerce::add_product(const Row& row, const Deed& deed,
                           const JsonObject& product, std::string event_id) {
  store::Event& event = out_.events.emplace_back(deed.event);
  event.event_id = std::move(event_id);
  event.item = read_product(row, product);
  event.value = deed.worth;
  if (const Json* price = field(product, "price")) {
    const Json* quantity = field(product, "quantity");
    const double value =
        row.number(*price) * (quantity == nullptr ? 1 : row.number(*quantity));
    if (!(std::abs(value) <= std::numeric_limits<float>::max())) {
      row.refuse(*price, "expected price · quantity to fit a float");
    }
    event.value = static_cast<float>(value);
  }
  for (const std::string_view name : {"price", "quantity"}) {
    const double number = row.number_or_nan(product, name);
    if (!std::isnan(number)) event.context.emplace_back(name, number);
  }
  add_context(row, product, fields_.context, event);
}

// Its id; what it says of the item goes to the documents.
std::string Commerce::read_product(const Row& row, const JsonObject& product) {
  std::string id;
  for (const std::string_view name : fields_.ids) {
    if (id = row.id_or_none(product, name); !id.empty()) break;
  }
  if (id.empty()) {
    row.missing(product, fields_.ids[0], "expected text or a whole number");
  }
  JsonObject* document = nullptr;
  const auto set = [&](std::string_view name, const Json& value) {
    if (document == nullptr) document = &items_.of(id);
    (*document)[name] = value;
  };
  for (const Name& name : fields_.document) {
    if (const Json* value = field(product, name.theirs)) set(name.ours, *value);
  }
  if (const Json* price = field(product, "price")) {
    set("price", row.number(*price));
  }
  return id;
}

void Commerce::show(const Row& row, const Deed& deed,
                    std::span<const JsonObject* const> products) {
  if (products.empty()) return skip();
  store::Answer answer{.id = deed.event.event_id,
                       .user = deed.event.user,
                       .model = "",
                       .time = deed.event.time,
                       .items = {}};
  for (const JsonObject* product : products) {
    answer.items.push_back({.item = read_product(row, *product)});
  }
  if (answer.id.empty()) answer.id = made_answer_id(answer);
  out_.shown.push_back(std::move(answer));
}

Incoming Commerce::take() {
  out_.items = items_.take();
  out_.users = users_.take();
  return std::move(out_);
}

std::string made_answer_id(const store::Answer& answer) {
  std::string text = answer.user;
  for (const auto& shown : answer.items) (text += '\0') += shown.item;
  // Times before 1970 are below 0; with the sign bit turned they sort too.
  const auto time =
      static_cast<std::uint64_t>(count(answer.time)) ^ (1ULL << 63);
  return to_hex(time) + "-" + to_hex(checksum(text));
}

std::vector<const JsonObject*> objects(const Row& row, const JsonArray& list) {
  std::vector<const JsonObject*> out;
  for (const Json& value : list) out.push_back(&row.object(value));
  return out;
}

std::string_view ours(std::span<const Name> names, std::string_view theirs) {
  for (const Name& name : names) {
    if (name.theirs == theirs) return name.ours;
  }
  return {};
}

void add_context(const Row& row, const JsonObject& in,
                 std::span<const std::string_view> names, store::Event& event) {
  for (const std::string_view name : names) {
    const Json* value = field(in, name);
    if (value == nullptr) continue;
    std::erase_if(event.context,
                  [&](const auto& column) { return column.first == name; });
    row.add_context(event, name, *value);
  }
}

}  // namespace ensue::serve
