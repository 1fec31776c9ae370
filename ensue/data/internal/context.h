// SPDX-License-Identifier: Apache-2.0
// The named context columns of events.parquet as cells.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/interner.h"
#include "ensue/events/context.h"

namespace ensue::data {

/// Reads them chunk by chunk beside the other columns. Numbers of any width
/// are numbers; text, truth values and all else are values of a category, by
/// their text, "" being none.
class ContextReader {
 public:
  /// @param from  " FROM …": where the columns are looked up.
  /// @throws Error as Connection::run for a column that is not there.
  ContextReader(Connection& database, const std::string& from,
                const std::vector<std::string>& names);

  /// ", … AS …" for each column, to stand behind a selection.
  const std::string& selection() const noexcept { return selection_; }
  /// Appends the rows of a chunk whose column `first` is the first of these.
  void append(const Chunk& chunk, std::size_t first,
              std::vector<events::Cell>& out);
  /// After the last chunk.
  std::vector<events::ContextColumn> columns() const;

 private:
  std::vector<std::string> names_;
  std::vector<events::ContextKind> kinds_;
  std::vector<Interner> values_;
  std::string selection_;
};

}  // namespace ensue::data
