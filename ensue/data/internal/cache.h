// SPDX-License-Identifier: Apache-2.0
// The columns of a dataset by user, in one file that is mapped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
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

  events::Log::Columns view() const noexcept {
    return {offsets, items, actions, times, values, seqs};
  }
};

/// Layout, little endian: "ENSCACH1", u64 key, u64 sections, u64 XXH3-64 of
/// the rest, then {u64 offset, u64 bytes} per section, then the sections, each
/// at a multiple of 64 bytes: offsets, items, actions, times, values, seqs,
/// names of users, items, actions (Vocabulary bytes).
/// `key` says which dataset it was made from.
/// @throws Error(kUnavailable) when it cannot be written.
void write_cache(const std::filesystem::path& path, std::uint64_t key,
                 const events::Log::Columns& columns,
                 const events::Log::Names& names);

/// nullopt when the file is absent, damaged or of another key: make it anew.
std::optional<LogParts> read_cache(const std::filesystem::path& path,
                                   std::uint64_t key);

}  // namespace ensue::data
