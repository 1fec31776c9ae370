// SPDX-License-Identifier: Apache-2.0
// Rows of Gorse's interface, for the format and for its routes.
#pragma once

#include <optional>

#include "ensue/serve/formats/row.h"

namespace ensue::serve {

/// Time of a row; nullopt: absent, empty or Go's zero time.
std::optional<events::Millis> gorse_time(const Row& row, const JsonObject& in);

/// A row of feedback as an event. `Labels` become the context column "Labels",
/// as JSON.
store::Event gorse_feedback(const Row& row, const JsonObject& in,
                            events::Millis now);

/// The fields that a row of an item or a user has, put into our document:
/// hidden, category (a list), time (ISO 8601), labels, comment.
void gorse_item(const Row& row, const JsonObject& in, JsonObject& document);
void gorse_user(const Row& row, const JsonObject& in, JsonObject& document);

}  // namespace ensue::serve
