// SPDX-License-Identifier: Apache-2.0
// Known layouts: one SQL file each, that maps a source to the event columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/base/json.h"
#include "ensue/data/layout.h"

namespace ensue::data {

/// A file of presets/. Its first lines are comments "-- key: value":
///   summary     one line for people
///   header      the column names it is recognised by, or "none"
///   delimiter, fields, lines, format, values, days   more of that
///   items, users  files beside the events (a glob), or "events": made from
///               the log itself
///   last        files whose name has this word are read after the others
///   SECTION.KEY  a default of the settings, below what the user says
/// The first SELECT gives the columns user, item, time, action, value, text,
/// session, event_id and `rule` (the name of the cleaning rule that removes
/// the row), any other column is context. Sections [items] and [users] give
/// `name` and attributes. $table is the file as sniffed (all text), $files its
/// list, $lines the unsplit lines, $items and $users the tables, raw the log.
struct Preset {
  std::string_view name;

  std::string_view text() const;
  std::string value(std::string_view key) const;  // "" when absent
  std::string_view events_sql() const;
  std::string_view section_sql(std::string_view section) const;
  /// {"columns": {"default_action": "rate"}, …}
  JsonObject defaults() const;
  /// Is this what the file looks like?
  bool fits(const Layout& layout) const;
};

const Catalog<Preset>& presets();

/// The preset a file looks like, if any.
const Preset* recognise(const Layout& layout);

}  // namespace ensue::data
