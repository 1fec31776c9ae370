// SPDX-License-Identifier: Apache-2.0
// A column of a table, as a setting names it.
#pragma once

#include <string>

#include "ensue/base/error.h"
#include "ensue/events/table.h"

namespace ensue::train::internal {

/// @param table    the file, for messages.
/// @param setting  of [task], for messages.
/// @throws Error(kInvalidArgument) listing the columns there are.
inline const events::Column& asked_column(const events::Table& rows,
                                          const std::string& name,
                                          const std::string& table,
                                          const char* setting) {
  if (const auto* found = rows.find(name)) return *found;
  std::string there;
  for (const events::Column& column : rows.columns) {
    there += (there.empty() ? "" : ", ") + column.name;
  }
  invalid(std::string("task.") + setting + ": " + table + " has no column '" +
          name + "'; there are: " + there);
}

}  // namespace ensue::train::internal
