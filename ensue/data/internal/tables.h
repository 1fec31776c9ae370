// SPDX-License-Identifier: Apache-2.0
// What an import has in memory, as tables of SQL.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/data/internal/arrange.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/missing.h"

namespace ensue::data {

/// What the ids of the files mean: provisional ids in order of id.
struct FinalIds {
  std::vector<std::uint32_t> users, items, actions;
};

/// In order of first appearance by (time, place in the source).
FinalIds final_ids(const Arranged& arranged);

/// Context columns with their gaps filled, in final order of the events.
struct FilledColumns {
  std::vector<std::string> names;
  std::vector<Numbers> cells;  // [names][events]
  std::vector<std::string> notes;
};

/// The kept events in final order: user_id, item_id, action_id, time, value,
/// seq, place. Users' rows are fetched from the store as they are asked for.
class EventTable {
 public:
  EventTable(const Reading& reading, const Arranged& arranged,
             const FinalIds& ids);
  EventTable(const EventTable&) = delete;
  const TableSource& source() const noexcept { return source_; }

 private:
  std::size_t fill(const TableSource::Sink& sink);
  bool next_user();
  struct Cells;
  void put(const Cells& cells, std::size_t n, const Row& row);

  const Reading& reading_;
  const Arranged& arranged_;
  const FinalIds& ids_;
  std::vector<std::uint32_t> item_of_, action_of_;
  std::size_t user_ = 0, at_ = 0;
  std::int64_t place_ = 0;
  std::vector<Row> history_;
  TableSource source_;
};

/// Rows that were set aside, by (time, place): item, action, time, value, seq.
class AsideTable {
 public:
  explicit AsideTable(const Reading& reading);
  AsideTable(const AsideTable&) = delete;
  const TableSource& source() const noexcept { return source_; }

 private:
  std::size_t fill(const TableSource::Sink& sink);
  void put(const TableSource::Sink& sink, std::size_t n, const Row& row) const;

  const Reading& reading_;
  std::size_t at_ = 0;
  std::vector<Row> buffer_;
  TableSource source_;
};

/// id and name, in order of id.
class NameTable {
 public:
  NameTable(const Interner& names, const std::vector<std::uint32_t>& ids);
  NameTable(const NameTable&) = delete;
  const TableSource& source() const noexcept { return source_; }

 private:
  std::size_t at_ = 0;
  TableSource source_;
};

/// place and the filled columns; a number that stayed missing is NULL.
class FilledTable {
 public:
  FilledTable(const FilledColumns& filled, std::uint64_t rows);
  FilledTable(const FilledTable&) = delete;
  const TableSource& source() const noexcept { return source_; }

 private:
  std::size_t fill(const TableSource::Sink& sink);
  const FilledColumns& filled_;
  std::size_t at_ = 0;
  TableSource source_;
};

}  // namespace ensue::data
