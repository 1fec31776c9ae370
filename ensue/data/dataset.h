// SPDX-License-Identifier: Apache-2.0
// A dataset on disk: a folder of Parquet files and a manifest.
#pragma once

#include <filesystem>
#include <string>

#include "ensue/base/json.h"
#include "ensue/base/progress.h"
#include "ensue/events/log.h"

namespace ensue::data {

/// events.parquet  user_id, item_id, action_id, time, value, seq, … sorted by
///                 (user, time, seq); ids as in the files below; context
///                 columns under their names
/// users.parquet, items.parquet, actions.parquet  id, name, attributes
/// aside.parquet   rows that cleaning set aside (no customer), kept for demand
/// cleaning.json   the cleaning report
/// manifest.json   written last: schema, counts, XXH3-64 of every file. A
///                 folder without it is half-written and is refused.
/// cache/          columns by user for mapping, made at first use, checksummed
class Dataset {
 public:
  /// Reads the manifest and checks that every file is there with its size;
  /// `verify` also recomputes the checksums.
  /// @throws Error(kNotFound), Error(kCorrupt) with file and reason.
  static Dataset open(const std::filesystem::path& folder, bool verify = false);

  const std::filesystem::path& folder() const noexcept { return folder_; }
  const JsonObject& manifest() const noexcept { return manifest_; }

  /// The events by user, mapped from the cache (made when absent or stale),
  /// with their context columns, and the item table when there is one.
  events::Log log(const ProgressFn& progress = {}) const;

 private:
  Dataset() = default;
  std::filesystem::path folder_;
  JsonObject manifest_;
};

}  // namespace ensue::data
