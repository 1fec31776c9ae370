// SPDX-License-Identifier: Apache-2.0
// Events on this machine's disk: RocksDB with its write-ahead log.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

#include "ensue/store/event_store.h"

namespace ensue::store {

/// What a call that returns has done.
enum class Sync : std::uint8_t {
  kAlways,    // written and fsynced; calls that come together share one fsync
  kEverySec,  // written: survives the process; fsynced within sync_every
};

/// For tests: the disk, and the moment of an fsync (internal/seams.h).
struct Seams;

struct RocksOptions {
  Retention retention = {};
  Sync sync = Sync::kEverySec;
  std::chrono::milliseconds sync_every{1000};
  /// Of memory in all, nearly: blocks, indices, what is not yet in tables (at
  /// most a quarter), names (at most a quarter).
  std::size_t cache_bytes = std::size_t{256} << 20;
  bool compress = true;
  std::shared_ptr<Seams> seams = nullptr;
};

/// Opens the store in `folder`, which is made when it is not there. One process
/// at a time.
///
/// Records are packed (internal/record.h): a million users of 50 events of
/// user, item, action and time take about 0.37 GiB. append() reads nothing but
/// names and event ids that it has not in memory. Files hold a user's name only
/// inside the user's own values; keys are hashes with a secret of the store.
///
/// After a crash of the machine: what was fsynced is there, and of what was
/// not a first part (in the order of the calls). A write-ahead log that breaks
/// off there is cut; one that is damaged before its end is refused, so that
/// nothing acknowledged is dropped silently.
///
/// When the disk fails or is full, calls that write throw Error(kUnavailable)
/// and calls that read go on; the next call that writes tries again.
/// @throws Error(kUnavailable): in use, no permission, no space;
///         Error(kCorrupt) naming the file that is damaged.
std::unique_ptr<EventStore> open_rocks(const std::filesystem::path& folder,
                                       RocksOptions options = {});

}  // namespace ensue::store
