// SPDX-License-Identifier: Apache-2.0
// Tells a write-ahead log that a crash cut from one that is damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace ensue::store {

/// CRC-32C (Castagnoli), as RocksDB's log carries it.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) noexcept;

/// RocksDB recovers up to the first record that is not whole, and cannot say
/// whether what stood there had been fsynced. A crash leaves a file that ends
/// too early, or a hole of zeros where a page was not written; behind it there
/// is nothing whole, or it lies behind a hole. Anything else is damage.
struct WalState {
  enum { kWhole, kTorn, kDamaged } kind = kWhole;
  std::size_t offset = 0;           // of the first record that is not whole
  std::uint64_t last_sequence = 0;  // of the whole records before it; 0: none
};
WalState inspect_wal(std::string_view bytes);

/// What the logs of a folder promise.
struct WalSummary {
  /// A log that is not whole has later ones: either an earlier start has cut it
  /// already, or it is damaged. "": there is none. Otherwise file and offset;
  /// it is damaged if not everything up to `last_sequence` is replayed.
  std::string broken = {};
  std::uint64_t last_sequence = 0;
};

/// Looks at every log of a store's folder.
/// @throws Error(kCorrupt) naming file and offset of what must be damage.
WalSummary check_wals(const std::filesystem::path& folder);

}  // namespace ensue::store
