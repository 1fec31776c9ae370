// SPDX-License-Identifier: Apache-2.0
// A source's rows, checked one by one, into the row store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/interner.h"
#include "ensue/data/internal/row_store.h"
#include "ensue/data/internal/source.h"
#include "ensue/data/internal/tally.h"
#include "ensue/data/internal/when.h"
#include "ensue/data/missing.h"

namespace ensue::data {

/// Everything that is known after the one pass over the source.
struct Reading {
  explicit Reading(RowStore& store) : rows(store) {}
  RowStore& rows;
  Interner users, items, actions;  // provisional ids
  std::uint64_t source_rows = 0;   // lines that could not be split included
  bool has_clock = false;
  std::string times;  // "unix seconds", "dates", …
  Tally tally;
  std::vector<SampleRow> unreadable;  // the first three
  /// Files in which a quote opened and did not close: lines behind it are lost.
  std::vector<std::string> open_quotes;
};

struct ReadOptions {
  const ColumnOptions& columns;
  const CleanOptions& clean;
  const std::vector<MissingRule>& missing;  // Fill::kDrop takes rows
  ProgressFn progress;
};

/// Reads the query `source.sql`, or, when the log is wide, the table `raw`
/// that holds its result. Rows that a rule takes are counted and left out;
/// rows without a user are stored with user kNone.
/// @throws Error on a column of times that cannot be understood.
void read_rows(Connection& database, const Source& source,
               const ReadOptions& options, Reading& out);

}  // namespace ensue::data
