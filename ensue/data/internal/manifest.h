// SPDX-License-Identifier: Apache-2.0
// manifest.json: what makes a folder a dataset.
#pragma once

#include <filesystem>

#include "ensue/base/json.h"
#include "ensue/data/import.h"
#include "ensue/data/internal/writer.h"

namespace ensue::data {

inline constexpr std::int64_t kDatasetVersion = 1;

/// Writes cleaning.json, then manifest.json with the schema, the counts and
/// size and XXH3-64 of every file of the folder.
void write_manifest(const std::filesystem::path& folder,
                    const ImportRequest& request, const Source& source,
                    const Reading& reading, const Arranged& arranged,
                    const FinalIds& ids, const CleaningReport& report);

/// Reads and checks it: version, every file there with its size, and with its
/// checksum when `verify`. @throws Error(kNotFound), Error(kCorrupt).
JsonObject read_manifest(const std::filesystem::path& folder, bool verify);

}  // namespace ensue::data
