// SPDX-License-Identifier: Apache-2.0
// JSON from strangers: value after value, with the place of what is wrong.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ensue/base/json.h"

namespace ensue {

/// Reads one value, the elements of a list one by one, or values separated by
/// white space (JSON lines); lists among them are opened likewise. Memory is
/// that of one value. About 3 million small objects a second.
///
/// A byte order mark in front, CRLF and blank lines are passed over. When a
/// name stands twice in an object the last one counts. Numbers are the nearest
/// doubles, whole ones up to 64 bits exact; what is smaller than every double
/// is 0. Refused: numbers beyond a double (1e400), text that is
/// not UTF-8, nesting deeper than `depth`.
class JsonReader {
 public:
  /// @param text  stays the caller's.
  explicit JsonReader(std::string_view text, std::size_t depth = 32);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;

  /// The next value, valid until the next call; nullptr: that was all.
  /// @throws Error(kInvalidArgument) "line 3, byte 17: not JSON: …".
  const Json* next();

  /// Where the last value began: "line 3", or "element 5, line 1" in a list.
  std::string where() const;

 private:
  struct Parser;
  void spaces();
  bool begin_value();
  void end_value();
  [[noreturn]] void refuse(std::size_t at, const std::string& why) const;

  std::unique_ptr<Parser> parser_;
  std::string_view text_;
  std::size_t at_ = 0, begin_ = 0;  // bytes read; where the last value began
  std::size_t element_ = 0;         // of the open list, from 1
  bool in_list_ = false;
};

/// The first byte that is not part of well-formed UTF-8; nullopt: all is.
/// Overlong forms, surrogates and code points above U+10FFFF are ill-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace ensue
