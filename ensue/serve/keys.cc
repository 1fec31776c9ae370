// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::serve {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

std::optional<KeyHash> read_hash(std::string_view text) {
  KeyHash out{};
  if (text.size() != 2 * out.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = kHex.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    out[i / 2] = static_cast<std::uint8_t>(out[i / 2] * 16 + digit);
  }
  return out;
}

std::vector<Scope> read_scopes(std::string_view text, std::string_view where) {
  std::vector<Scope> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view name = text.substr(0, end);
    if (name == "ingest") {
      out.push_back(Scope::kIngest);
    } else if (name == "read") {
      out.push_back(Scope::kRead);
    } else if (name == "admin") {
      out.push_back(Scope::kAdmin);
    } else {
      invalid(std::string(where) + ": scope '" + std::string(name) +
              "', expected ingest, read or admin");
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (out.empty()) invalid(std::string(where) + ": no scope");
  return out;
}

}  // namespace

KeyHash hash_key(std::string_view key) {
  KeyHash out{};
  unsigned size = 0;
  EVP_Digest(key.data(), key.size(), out.data(), &size, EVP_sha256(), nullptr);
  return out;
}

std::string hex_of(const KeyHash& hash) {
  std::string out;
  for (const std::uint8_t byte : hash) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

std::string new_key() {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 43> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw Error(Code::kUnavailable, "keys: the machine gave no random bytes");
  }
  std::string out = "ensue_";
  for (const unsigned char byte : random) out += kLetters[byte & 63];
  return out;
}

bool Key::allows(Scope scope) const noexcept {
  // An admin may do all; what was asked for alone is allowed otherwise.
  return scope == Scope::kNone ||
         std::ranges::find(scopes, Scope::kAdmin) != scopes.end() ||
         std::ranges::find(scopes, scope) != scopes.end();
}

std::vector<Key> read_keys(const std::filesystem::path& path) {
  std::istringstream text(read_file(path));
  std::vector<Key> out;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    line = line.substr(0, line.find('#'));
    std::istringstream words(line);
    std::string name, scopes, hash, more;
    if (!(words >> name)) continue;
    const std::string where = path.string() + ":" + std::to_string(number);
    words >> scopes >> hash;
    const auto bytes = read_hash(hash);
    if (!bytes || (words >> more)) {
      invalid(where + ": expected 'name scope[,scope] sha256' in a line");
    }
    out.push_back({name, *bytes, read_scopes(scopes, where)});
  }
  return out;
}

std::string key_line(std::string_view name, std::string_view scopes,
                     std::string_view key) {
  if (name.empty() || name.find_first_of(" \t#\n") != std::string_view::npos) {
    invalid("name: '" + std::string(name) + "', expected one word");
  }
  read_scopes(scopes, "scope");
  return std::string(name) + " " + std::string(scopes) + " " +
         hex_of(hash_key(key)) + "\n";
}

void Keys::set(std::vector<Key> keys) {
  auto shared = std::make_shared<const std::vector<Key>>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(shared);
}

bool Keys::any() const {
  const std::lock_guard lock(mutex_);
  return !keys_->empty();
}

std::shared_ptr<const Key> Keys::find(std::string_view text) const {
  std::shared_ptr<const std::vector<Key>> keys;
  {
    const std::lock_guard lock(mutex_);
    keys = keys_;
  }
  const KeyHash hash = hash_key(text);
  const Key* hit = nullptr;
  for (const Key& key : *keys) {
    if (CRYPTO_memcmp(key.hash.data(), hash.data(), hash.size()) == 0) {
      hit = &key;
    }
  }
  return hit == nullptr ? nullptr : std::shared_ptr<const Key>(keys, hit);
}

}  // namespace ensue::serve
