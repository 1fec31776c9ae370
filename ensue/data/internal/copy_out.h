// SPDX-License-Identifier: Apache-2.0
// A query's rows as a file that is whole or absent.
#pragma once

#include <filesystem>
#include <string>

#include "ensue/data/internal/duckdb.h"

namespace ensue::data {

/// Writes Parquet, CSV or JSON lines, by the name's ending.
/// @throws Error(kInvalidArgument) for another ending, Error(kUnavailable) when
///   it cannot be written.
void copy_out(Connection& database, const std::string& select,
              const std::filesystem::path& path);

}  // namespace ensue::data
