// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <random>
#include <utility>

#include "ensue/base/error.h"

namespace ensue {

std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t checksum(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

std::string to_hex(std::uint64_t value) {
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, value >>= 4) {
    out[static_cast<std::size_t>(i)] = "0123456789abcdef"[value & 15];
  }
  return out;
}

KeyedHash::KeyedHash(std::string secret) : secret_(std::move(secret)) {
  if (secret_.size() != kSecretBytes) {
    invalid("secret of " + std::to_string(secret_.size()) + " bytes; " +
            std::to_string(kSecretBytes) + " are needed");
  }
}

std::uint64_t KeyedHash::narrow(std::string_view text) const noexcept {
  return XXH3_64bits_withSecret(text.data(), text.size(), secret_.data(),
                                secret_.size());
}

std::string KeyedHash::wide(std::string_view text) const {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(
      &bytes, XXH3_128bits_withSecret(text.data(), text.size(), secret_.data(),
                                      secret_.size()));
  return {reinterpret_cast<const char*>(bytes.digest), sizeof bytes.digest};
}

std::string KeyedHash::new_secret() {
  std::random_device device;
  std::string out(kSecretBytes, '\0');
  for (char& byte : out) byte = static_cast<char>(device());
  return out;
}

struct Checksum::State {
  XXH3_state_t xxh;
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->xxh);
}
Checksum::~Checksum() = default;

void Checksum::add(std::span<const std::byte> bytes) noexcept {
  XXH3_64bits_update(&state_->xxh, bytes.data(), bytes.size());
}

std::uint64_t Checksum::value() const noexcept {
  return XXH3_64bits_digest(&state_->xxh);
}

}  // namespace ensue
