// SPDX-License-Identifier: Apache-2.0
// Files, a preset or a SELECT as one query that gives event columns.
#pragma once

#include <string>
#include <vector>

#include "ensue/data/clean.h"
#include "ensue/data/layout.h"
#include "ensue/data/options.h"
#include "ensue/data/presets.h"

namespace ensue::data {

struct Source {
  std::vector<std::string> files;  // empty: a SELECT
  Layout layout;
  const Preset* preset = nullptr;
  std::string sql;        // gives the event columns
  std::string items_sql;  // gives name and attributes; empty: none
  std::string users_sql;  // the same of users
  bool has_time = true;   // `sql` has a column "time"
  bool wide = false;      // it has text, session, event_id or context columns
  bool has_sessions = false;
  std::vector<std::string> context;  // its columns that have no role
  bool whole_lines = true;           // one row per line of the file
};

/// @throws Error on files that are not there, layouts that differ, columns
///   that are not in the file (naming those that are).
Source make_source(const SourceOptions& source, const ColumnOptions& columns,
                   const CleanOptions& clean);

/// Every `from` in `text` becomes `to`.
void replace_all(std::string& text, const std::string& from,
                 const std::string& to);

/// The files as one table; delimited ones all text, broken lines rejected.
std::string table_sql(const std::vector<std::string>& files,
                      const Layout& layout);
/// The files as one column `line`; blank lines are NULL.
std::string lines_sql(const std::vector<std::string>& files);

}  // namespace ensue::data
