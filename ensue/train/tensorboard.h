// SPDX-License-Identifier: Apache-2.0
// Curves as TensorBoard reads them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace ensue::train {

/// CRC-32C (Castagnoli) of the bytes, and the masked form that TFRecord keeps.
std::uint32_t crc32c(std::string_view bytes) noexcept;
std::uint32_t masked_crc32c(std::string_view bytes) noexcept;

/// Appends scalars to one event file: TFRecords (u64 length, its masked
/// CRC-32C, bytes, their masked CRC-32C) of Event protocol buffers, encoded by
/// hand. Not thread-safe.
class TensorBoard {
 public:
  /// Creates "events.out.tfevents.<seconds>.ensue" in `folder`; a file of that
  /// name gets a number appended. `seconds` is the wall time.
  /// @throws Error(kUnavailable).
  TensorBoard(const std::filesystem::path& folder, double seconds);

  /// @throws Error(kUnavailable) when the disk is full.
  void scalar(std::string_view tag, double value, std::int64_t step,
              double seconds);
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void append(const std::string& event);
  std::filesystem::path path_;
};

}  // namespace ensue::train
