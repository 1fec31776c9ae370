// SPDX-License-Identifier: Apache-2.0
// As-of features of many users at once, by SQL.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/events/log.h"
#include "ensue/features/definition.h"

namespace ensue::data {

/// A question about a user at an instant: events at or behind it do not count.
struct AsOf {
  events::UserId user{0};
  events::Millis time{0};
  auto operator<=>(const AsOf&) const = default;
};

struct FeatureOptions {
  /// Events and pairs that are in work at once, on each core: the memory that
  /// is used grows with this alone (about 0.5 GB for both cores).
  std::size_t chunk_events = 500'000, chunk_pairs = 50'000;
  ProgressFn progress = {};
};

/// Every user with an event before `time`, at `time`.
std::vector<AsOf> everyone_at(const events::Log& log, events::Millis time);

/// A number column per definition, a row per pair, in the order of `pairs`;
/// NaN where unknown. The same as features::Live::values of each pair, to
/// rounding. Needs rows * definitions * 8 bytes for the answer.
/// @throws Error(kInvalidArgument) as features::resolve(), and for a user that
///   the log does not have; Error(kUnavailable) without DuckDB.
events::Table compute_features(
    const events::Log& log, std::span<const features::Definition> definitions,
    std::span<const AsOf> pairs, const FeatureOptions& options = {});

/// Of one column of a file.
struct FeatureSummary {
  std::string name;
  std::uint64_t known = 0;  // rows with a number
  double mean = 0, low = 0, high = 0;
};

/// Writes user (the name), time and the features as Parquet, CSV or JSON lines,
/// sorted by user id and time, without holding more than some chunks. `extra`
/// are further columns, rows as `pairs`. The file appears whole or not at all.
/// @throws Error as compute_features() and write_table().
std::vector<FeatureSummary> write_features(
    const std::filesystem::path& path, const events::Log& log,
    std::span<const features::Definition> definitions,
    std::span<const AsOf> pairs, const events::Table& extra = {},
    const FeatureOptions& options = {});

}  // namespace ensue::data
