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

/// A hash that differs from place to place: XXH3 with a random secret, so that
/// what it makes of a name says nothing to who has not got the secret. It keeps
/// names out of files; it is no signature.
class KeyedHash {
 public:
  static constexpr std::size_t kSecretBytes = 192;
  /// @param secret  kSecretBytes of random bytes.
  /// @throws Error(kInvalidArgument) for another size.
  explicit KeyedHash(std::string secret);

  std::uint64_t narrow(std::string_view text) const noexcept;
  std::string wide(std::string_view text) const;  // 16 bytes

  /// Fresh random bytes from the system.
  static std::string new_secret();

 private:
  std::string secret_;
};

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
