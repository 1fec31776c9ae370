// SPDX-License-Identifier: Apache-2.0
// Any table that SQL reads, in memory.
#pragma once

#include <string>

#include "ensue/events/table.h"

namespace ensue::data {

/// The rows of a CSV, TSV, JSON lines or Parquet file (also .gz, .zst) or, when
/// it begins with SELECT, WITH or FROM, of a query, in order. Numbers, and true
/// and false as 1 and 0, become number columns (NULL: NaN), all else text
/// (NULL: "").
/// @throws Error in one line: kNotFound, kInvalidArgument (DuckDB's words).
events::Table read_table(const std::string& file_or_select);

/// The same; `columns`: what the SELECT takes, as SQL.
events::Table read_table(const std::string& file, const std::string& columns);

}  // namespace ensue::data
