// SPDX-License-Identifier: Apache-2.0
// A dataset and the events that arrived after it, as one dataset.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ensue/data/import.h"

namespace ensue::data {

struct GrowRequest {
  std::filesystem::path base;  // a dataset
  /// JSON lines as GET /v1/events/export writes them, in order of arrival:
  /// user, time in milliseconds, action, item, value, text, session, event_id,
  /// and the base's context columns by name.
  std::vector<std::filesystem::path> events;
  std::string dataset;      // the folder to write
  std::string memory = "";  // as SourceOptions
  int threads = 0;
  ProgressFn progress = {};
};

struct Grown {
  ImportResult import;
  /// [events + 1] Log::seqs() of the k-th file are those in
  /// [first[k], first[k + 1]); smaller ones are the base's.
  std::vector<std::uint64_t> first;
  std::uint64_t known = 0;  // events that the base had already
};

/// Imports the base's events and those of the files behind them, with the
/// cleaning rules that the base was made with, but two: its prices are no more
/// there to be judged, and outliers of what is clean are not sought again.
/// Of one event_id the first event is taken. With `clean.duplicates` an event
/// whose user, item, action and time one of the base's without event_id has is
/// that one, so that a log that was imported and sent to a server counts once.
/// Columns and tables of items and users are the base's.
/// @throws Error(kInvalidArgument) when the base has no clock; else as
///   Dataset::open() and import_log().
Grown grow_dataset(const GrowRequest& request);

}  // namespace ensue::data
