// SPDX-License-Identifier: Apache-2.0
// Who may ask: keys with scopes, stored hashed.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/serve/endpoint.h"

namespace ensue::serve {

/// SHA-256 of a key. Keys are 256 random bits, so that a plain hash is enough.
using KeyHash = std::array<std::uint8_t, 32>;
KeyHash hash_key(std::string_view key);
std::string hex_of(const KeyHash& hash);

/// A new key of 256 random bits: "ensue_" and 43 characters.
/// @throws Error(kUnavailable) when the machine has no randomness.
std::string new_key();

struct Key {
  std::string name;  // for logs and limits; never the key itself
  KeyHash hash;
  std::vector<Scope> scopes;
  bool allows(Scope scope) const noexcept;
};

/// A file of lines "name scope[,scope] sha256-hex"; # begins a comment.
/// @throws Error(kInvalidArgument) "keys.txt:3: …", Error(kNotFound).
std::vector<Key> read_keys(const std::filesystem::path& path);
/// @throws Error(kInvalidArgument) on an unknown scope.
std::string key_line(std::string_view name, std::string_view scopes,
                     std::string_view key);

/// The keys that hold now; a reload replaces them all. Thread-safe.
class Keys {
 public:
  /// Nobody is asked while there are none.
  void set(std::vector<Key> keys);
  bool any() const;
  /// The key with that text; nullptr: there is none. Every key is compared, in
  /// constant time, so that the time says nothing.
  std::shared_ptr<const Key> find(std::string_view text) const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Key>> keys_ =
      std::make_shared<std::vector<Key>>();
};

}  // namespace ensue::serve
