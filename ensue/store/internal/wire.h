// SPDX-License-Identifier: Apache-2.0
// Bytes of a stored value: numbers as varints, texts with their length.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "ensue/base/error.h"

namespace ensue::store {

constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^
         static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

/// Appends to a string.
class Writer {
 public:
  explicit Writer(std::string& out) noexcept : out_(out) {}

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  /// 1 byte below 128, 2 below 16,384, … at most 10.
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) {
      byte(static_cast<std::uint8_t>(value | 128));
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void bytes(std::string_view text) { out_.append(text); }
  void text(std::string_view text) {
    varint(text.size());
    bytes(text);
  }
  template <class Number>
  void number(Number value) {  // as it lies in memory, little endian
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out_.append(raw, sizeof value);
  }

 private:
  std::string& out_;
};

/// Takes from the front of bytes that outlive it.
/// @throws Error(kCorrupt) when they end too early.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  bool done() const noexcept { return rest_.empty(); }
  std::string_view rest() const noexcept { return rest_; }
  std::uint8_t byte() {
    need(1);
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 127) << shift;
      if (next < 128) return value;
    }
    throw Error(Code::kCorrupt, "stored value: a number of too many bytes");
  }
  std::string_view bytes(std::uint64_t size) {
    need(size);
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view text() { return bytes(varint()); }
  template <class Number>
  Number number() {
    Number value;
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }
  /// How many things of at least `each` bytes follow.
  std::size_t count(std::size_t each) {
    const std::uint64_t value = varint();
    if (each > 0 && value > rest_.size() / each) need(rest_.size() + 1);
    return value;
  }

 private:
  void need(std::uint64_t size) const {
    if (size > rest_.size()) {
      throw Error(Code::kCorrupt, "stored value: ends too early");
    }
  }
  std::string_view rest_;
};

}  // namespace ensue::store
