// SPDX-License-Identifier: Apache-2.0
// Appending numbers and fields to a line of CSV, fast.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "ensue/simulate/calendar.h"

namespace ensue::simulate {

/// Lines of comma-separated fields; no field here needs quotes.
class Lines {
 public:
  Lines& field(std::string_view value) {
    text_.append(value);
    text_.push_back(',');
    return *this;
  }
  Lines& field(std::integral auto value) {
    number(value);
    text_.push_back(',');
    return *this;
  }
  /// A letter and seven digits, or more when it takes more.
  Lines& id(char letter, std::uint32_t value) {
    prefixed(letter, value);
    text_.push_back(',');
    return *this;
  }
  Lines& session(std::uint32_t user, std::uint32_t session) {
    prefixed('s', user);
    text_.push_back('-');
    number(session + 1);
    text_.push_back(',');
    return *this;
  }
  Lines& time(std::int64_t second) {
    const std::size_t at = text_.size();
    text_.resize(at + 21, ',');
    format_time(second, text_.data() + at);
    return *this;
  }
  /// 1299 as 12.99.
  Lines& cents(std::uint32_t value) {
    number(value / 100);
    text_.push_back('.');
    text_.push_back(static_cast<char>('0' + value / 10 % 10));
    text_.push_back(static_cast<char>('0' + value % 10));
    text_.push_back(',');
    return *this;
  }
  /// The shortest text that reads back as the same number.
  Lines& real(double value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return field(std::string_view(digits, end));
  }
  void end() { text_.back() = '\n'; }

  std::string& text() noexcept { return text_; }

 private:
  void number(std::integral auto value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    text_.append(digits, end);
  }
  void prefixed(char letter, std::uint32_t value) {
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    const auto count = static_cast<std::size_t>(end - digits);
    text_.push_back(letter);
    if (count < 7) text_.append(7 - count, '0');
    text_.append(digits, end);
  }

  std::string text_;
};

}  // namespace ensue::simulate
