// SPDX-License-Identifier: Apache-2.0
// What the formats of web shops have in common: an act on several products.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/format.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {

/// A name of a format, and ours for the same.
struct Name {
  std::string_view theirs, ours;
};

/// Ours for products that a customer was shown: no act, an answer.
inline constexpr std::string_view kShown = "shown";

/// An act of one customer.
struct Deed {
  /// Without item and value; its event_id is that of the whole act. Products
  /// of action kShown become one answer.
  store::Event event;
  /// What the format says of the whole act's worth; of a single product
  /// without price, or an act without products, it becomes the value.
  float worth = std::numeric_limits<float>::quiet_NaN();
};

/// How a format names the fields of a product, "price" and "quantity" aside.
struct ProductFields {
  std::vector<std::string_view> ids;      // the first that is there
  std::vector<Name> document;             // for the item's document, as it is
  std::vector<std::string_view> context;  // for the event
};

/// Turns acts into events: one per product (item, value = price · quantity,
/// event_id "act/place" when there are several), or one without item.
class Commerce {
 public:
  explicit Commerce(ProductFields fields) : fields_(std::move(fields)) {}

  /// @param products  JSON objects of `row`.
  void add(const Row& row, Deed deed,
           std::span<const JsonObject* const> products);
  void skip() { ++out_.skipped; }
  Documents& users() { return users_; }
  Incoming take();

 private:
  std::string read_product(const Row& row, const JsonObject& product);
  void add_product(const Row& row, const Deed& deed, const JsonObject& product,
                   std::string event_id);
  void show(const Row& row, const Deed& deed,
            std::span<const JsonObject* const> products);

  ProductFields fields_;
  Incoming out_;
  Documents items_, users_;
};

/// An id for an answer that its sender gave none: its time, then a hash.
std::string made_answer_id(const store::Answer& answer);

/// The objects of a list of `row`.
std::vector<const JsonObject*> objects(const Row& row, const JsonArray& list);

/// Ours for a name of theirs; "": not in the table.
std::string_view ours(std::span<const Name> names, std::string_view theirs);

/// Adds those fields of `in` that are there as context columns, in place of
/// what stood under that name.
void add_context(const Row& row, const JsonObject& in,
                 std::span<const std::string_view> names, store::Event& event);

}  // namespace ensue::serve
