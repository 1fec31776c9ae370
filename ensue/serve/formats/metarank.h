// SPDX-License-Identifier: Apache-2.0
// Rows of Metarank's interface, for the format and for its routes.
#pragma once

#include <string>

#include "ensue/serve/formats/row.h"

namespace ensue::serve {

/// Who an event or a request is about: user, else session; "": nobody.
std::string metarank_user(const Row& row, const JsonObject& in);

/// One {name, value} of `fields`: the value is text, a number, a truth value or
/// a list of texts or of numbers.
struct MetarankField {
  std::string name;
  const Json* value;
};
std::vector<MetarankField> metarank_fields(const Row& row,
                                           const JsonObject& in);

/// `timestamp`: milliseconds as number or text, or ISO 8601.
events::Millis metarank_time(const Row& row, const JsonObject& in,
                             events::Millis now);

/// `id` of `items`, in order.
std::vector<std::string> metarank_items(const Row& row, const JsonObject& in);

}  // namespace ensue::serve
