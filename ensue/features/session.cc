// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/session.h"

#include <algorithm>
#include <string>

#include "ensue/features/defaults.h"

namespace ensue::features {

std::vector<Definition> session_definitions(const events::Log& log,
                                            events::Millis until) {
  constexpr std::size_t kActions = 8;
  std::vector<Definition> out = {
      {.name = "open_count", .kind = "open_count"},
      {.name = "open_minutes", .kind = "open_minutes"},
      {.name = "open_items", .kind = "open_distinct", .column = "item"},
      {.name = "open_value", .kind = "open_sum", .column = "value"},
      {.name = "last_day", .kind = "count", .window_days = 1}};
  for (std::size_t a = 0; a < std::min(kActions, log.action_names().size());
       ++a) {
    const std::string action(log.action_names().name(a));
    out.push_back(
        {.name = "open_" + action, .kind = "open_count", .action = action});
    out.push_back({.name = "last_day_" + action,
                   .kind = "count",
                   .action = action,
                   .window_days = 1});
  }
  for (const std::string& column : category_columns(log, until)) {
    out.push_back({.name = "open_distinct_" + column,
                   .kind = "open_distinct",
                   .column = column});
  }
  return out;
}

}  // namespace ensue::features
