// SPDX-License-Identifier: Apache-2.0
// The Parquet files of a dataset, from arranged rows.
#pragma once

#include <filesystem>
#include <vector>

#include "ensue/data/internal/source.h"
#include "ensue/data/internal/tables.h"

namespace ensue::data {

/// Writes events.parquet, users.parquet, items.parquet, actions.parquet and,
/// when rows were set aside, aside.parquet into `folder`.
/// The table kept_events() must be there (EventTable).
/// @returns remarks for the report, such as repeated names in a side table.
std::vector<std::string> write_tables(
    Connection& database, const Source& source, const Reading& reading,
    const Arranged& arranged, const FinalIds& ids, const FilledColumns& filled,
    const std::filesystem::path& folder);

}  // namespace ensue::data
