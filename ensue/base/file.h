// SPDX-License-Identifier: Apache-2.0
// Files that are whole or absent: mapped reads, atomic writes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ensue {

/// The whole file. Throws Error(kNotFound) when it cannot be opened.
std::string read_file(const std::filesystem::path& path);

/// Writes `bytes` so that a reader sees the old file or the new one, never a
/// part: a temporary file beside it, fsync, rename, fsync of the folder.
/// Throws Error(kUnavailable) (disk full, no permission); the old file stays.
void write_file(const std::filesystem::path& path,
                std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

/// fsync of every file below `folder` and of the folders, then rename to
/// `target` (replacing an older folder). The way a dataset or a run appears.
void publish_folder(const std::filesystem::path& folder,
                    const std::filesystem::path& target);

/// A read-only memory map of a file; copies share it. Page-aligned.
class MappedFile {
 public:
  /// Throws Error(kNotFound) or Error(kUnavailable).
  explicit MappedFile(const std::filesystem::path& path);
  std::span<const std::byte> bytes() const noexcept;

 private:
  struct Mapping;
  std::shared_ptr<const Mapping> mapping_;
};

}  // namespace ensue
