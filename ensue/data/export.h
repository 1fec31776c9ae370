// SPDX-License-Identifier: Apache-2.0
// Answers as files that other tools open.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ensue/events/table.h"

namespace ensue::data {

/// Writes the table as Parquet, CSV or JSON lines, by the name's ending
/// (.parquet, .csv, .jsonl). Number columns named in `whole` are written as
/// integers; NaN as NULL. The file appears whole or not at all.
/// @throws Error(kInvalidArgument) for another ending, Error(kUnavailable) when
///   it cannot be written.
void write_table(const std::filesystem::path& path, const events::Table& table,
                 const std::vector<std::string>& whole = {});

}  // namespace ensue::data
