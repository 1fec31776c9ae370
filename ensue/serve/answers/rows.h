// SPDX-License-Identifier: Apache-2.0
// Rows that are asked about over HTTP.
#pragma once

#include <string>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/events/table.h"
#include "ensue/tasks/row_model.h"

namespace ensue::serve {

struct AskedRows {
  std::vector<JsonObject> rows;  // at least one
  bool single = true;            // "row", not "rows"
  std::string where() const;     // "body.row" or "body.rows"
};

/// @throws Error(kInvalidArgument) unless it is {"row": {…}} or
///   {"rows": [{…}]} of 10,000 at most.
AskedRows asked_rows(const JsonObject& body);

/// The one row of {"row": {…}} as a model reads it.
/// @throws Error(kInvalidArgument) for anything else.
events::Table asked_row(const JsonObject& body, const tasks::RowShape& shape);

}  // namespace ensue::serve
