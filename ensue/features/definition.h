// SPDX-License-Identifier: Apache-2.0
// What one as-of feature of a user is, said once for the server and for SQL.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/json.h"

namespace ensue::features {

/// One number about a user at an instant t, made of the events strictly before
/// t alone. Which of the fields count, the kind says (see kinds()).
struct Definition {
  std::string name = {};    // of the column
  std::string kind = {};    // of kinds()
  std::string action = {};  // events of that action; empty: of any
  std::string other = {};   // the second action of a rate
  /// Events of [t - window, t); 0: all before t.
  double window_days = 0;
  /// "item", "value", a context column, or a column of the item table (in that
  /// order when names clash); "price*value" is the product of two numbers.
  std::string column = {};
  std::string value = {};    // a value of a column of categories
  double low = 0, high = 0;  // [low, high): hours or weekdays; low: a threshold
  /// Rising; when there are any the feature is a score, 1 + how many of them
  /// its number is above.
  std::vector<double> edges = {};

  void visit(auto&& field) {
    field("name", name, "name of the column");
    field("kind", kind, "what is computed");
    field("action", action, "of events of that action; empty: of any");
    field("other", other, "the second action of a rate");
    field("window_days", window_days, "days before the instant; 0: all");
    field("column", column, "column of the events or of their items");
    field("value", value, "value of the column");
    field("low", low, "first hour or weekday; threshold");
    field("high", high, "hour or weekday behind the last");
  }
  bool operator==(const Definition&) const = default;
};

/// {"name": …, "kind": …} and what differs from the defaults.
JsonObject to_json(const Definition& definition);
/// @throws Error(kInvalidArgument) naming `where` and the field.
Definition definition_from_json(const Json& json, std::string_view where);

/// A list of definitions, as artifacts and files carry it.
JsonArray to_json(std::span<const Definition> definitions);
/// @throws Error(kInvalidArgument) also for a name that stands twice.
std::vector<Definition> definitions_from_json(const Json& json,
                                              std::string_view where);

}  // namespace ensue::features
