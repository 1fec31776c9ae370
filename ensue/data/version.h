// SPDX-License-Identifier: Apache-2.0
// Which DuckDB reads the files.
#pragma once

#include <string>

namespace ensue::data {

/// "v1.5.6", or "absent" when the library is nowhere to be found.
std::string duckdb_version();

}  // namespace ensue::data
