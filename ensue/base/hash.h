// SPDX-License-Identifier: Apache-2.0
// Checksums (XXH3, 64 bits): what manifests and artifacts carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ensue {

/// XXH3-64 of the bytes with seed 0; equals `xxhsum -H3`. About 20 GB/s.
std::uint64_t checksum(std::span<const std::byte> bytes) noexcept;
std::uint64_t checksum(std::string_view text) noexcept;

/// 16 lower-case hexadecimal digits.
std::string to_hex(std::uint64_t value);

/// The same checksum over pieces.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  void add(std::span<const std::byte> bytes) noexcept;
  std::uint64_t value() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ensue
