// SPDX-License-Identifier: Apache-2.0
// The columns of a dataset by user, in one file that is mapped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ensue/events/log.h"

namespace ensue::data {

/// Everything a Log is made of but its schema, and what keeps it alive.
struct LogParts {
  events::Log::Names names;
  events::Log::Columns columns;
  std::shared_ptr<const void> storage;
};

/// Columns in memory, as they are read from Parquet.
struct ColumnStore {
  std::vector<std::uint64_t> offsets, seqs;
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> context;

  events::Log::Columns view() const noexcept {
    return {offsets, items, actions, times, values, seqs, context};
  }
};

/// Layout, little endian: "ENSCACH2", u64 key, u64 sections, u64 XXH3-64 of
/// the rest, then {u64 offset, u64 bytes} per section, then the sections, each
/// at a multiple of 64 bytes: offsets, items, actions, times, values, seqs,
/// names of users, items, actions (Vocabulary bytes); then context cells,
/// kinds (a byte per context column) and the values of each context column.
/// `key` says which dataset it was made from.
/// @throws Error(kUnavailable) when it cannot be written.
void write_cache(const std::filesystem::path& path, std::uint64_t key,
                 const events::Log::Columns& columns,
                 const events::Log::Names& names);

/// nullopt when the file is absent, damaged, of another key or version, or of
/// another number of context columns: make it anew.
/// @param context  names of the columns, which the file does not hold.
std::optional<LogParts> read_cache(const std::filesystem::path& path,
                                   std::uint64_t key,
                                   const std::vector<std::string>& context);

}  // namespace ensue::data
