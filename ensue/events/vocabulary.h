// SPDX-License-Identifier: Apache-2.0
// Strings to dense ids and back, used as it lies in a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::events {

/// An immutable list of distinct strings: id -> name and name -> id in O(1),
/// straight from its bytes (an artifact maps them; nothing is built at load).
///
/// Layout, little endian: "ENSVOC1\0", u64 count, u64 slots (a power of two,
/// load at most 1/2), u64 offsets[count + 1] into the text, u32 table[slots]
/// (id + 1, 0 = empty; linear probing from XXH3-64(name) & (slots - 1)), text.
class Vocabulary {
 public:
  /// Empty.
  Vocabulary();

  /// @throws Error(kInvalidArgument) naming a string that stands twice.
  static Vocabulary from_names(std::span<const std::string> names);
  static Vocabulary from_names(std::span<const std::string_view> names);

  /// A view of bytes kept alive by `owner`; checks the layout (not the
  /// checksum, which the file around it carries).
  /// @throws Error(kCorrupt) with the reason.
  static Vocabulary from_bytes(std::span<const std::byte> bytes,
                               std::shared_ptr<const void> owner);

  std::size_t size() const noexcept { return count_; }
  std::string_view name(std::size_t id) const noexcept;  // id < size()
  std::optional<std::uint32_t> find(std::string_view name) const noexcept;
  std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  explicit Vocabulary(std::nullptr_t) noexcept {}

  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
  std::size_t count_ = 0, slots_ = 0;
  const std::uint64_t* offsets_ = nullptr;
  const std::uint32_t* table_ = nullptr;
  const char* text_ = nullptr;
};

}  // namespace ensue::events
