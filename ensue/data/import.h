// SPDX-License-Identifier: Apache-2.0
// From a raw log to a dataset on disk.
#pragma once

#include <filesystem>

#include "ensue/base/progress.h"
#include "ensue/data/clean.h"
#include "ensue/data/missing.h"
#include "ensue/data/options.h"

namespace ensue::data {

struct ImportRequest {
  SourceOptions source;
  ColumnOptions columns;
  CleanOptions clean;
  MissingOptions missing;
  ProgressFn progress = {};
  /// Rows that wait in memory before they go to disk; 0: a third of the
  /// memory, at 32 bytes a row.
  std::size_t rows_in_memory = 0;
};

struct ImportResult {
  std::filesystem::path dataset;
  CleaningReport report;
};

/// Reads the source once, cleans, gives ids, writes the folder
/// `source.dataset` (see dataset.h): first as `<dataset>.part`, which is then
/// renamed, so that a crash leaves no dataset that is not whole. Events come
/// sorted by (user, time, place in the source); ids in order of first
/// appearance. 10 million events take about 4 s on two cores; more rows than
/// fit into `source.memory` go to disk.
/// @throws Error, one line: kNotFound (files), kInvalidArgument (columns,
///   layouts, options, no events left, `dataset` is some other folder),
///   kUnavailable (disk full, DuckDB missing).
ImportResult import_log(const ImportRequest& request);

}  // namespace ensue::data
