// SPDX-License-Identifier: Apache-2.0
// Tells a write-ahead log that a crash cut from one that is damaged.
#pragma once

#include <cstddef>
#include <filesystem>
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
  std::size_t offset = 0;  // of the first record that is not whole
  bool any = false;        // a whole record was found
};
WalState inspect_wal(std::string_view bytes);

/// Looks at every log of a store's folder.
/// @throws Error(kCorrupt) naming file and offset of damage.
void check_wals(const std::filesystem::path& folder);

}  // namespace ensue::store
