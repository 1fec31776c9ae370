// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/search_words.h"

#include <cstdint>

namespace ensue::runtime {
namespace {

// One character of UTF-8 at `at`; a broken byte is a character of its own.
struct Character {
  std::uint32_t code;
  std::size_t bytes;
};

Character read(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  const std::uint8_t first = byte(at);
  const std::size_t bytes = first < 0x80   ? 1
                            : first < 0xC0 ? 0
                            : first < 0xE0 ? 2
                            : first < 0xF0 ? 3
                                           : 4;
  if (bytes == 0 || at + bytes > text.size()) return {0xFFFD, 1};
  if (bytes == 1) return {first, 1};
  std::uint32_t code = first & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {0xFFFD, 1};
    code = code << 6 | (byte(at + i) & 0x3FU);
  }
  return {code, bytes};
}

bool without_spaces(std::uint32_t code) {
  const auto in = [&](std::uint32_t low, std::uint32_t high) {
    return code >= low && code <= high;
  };
  return in(0x3040, 0x30FF) || in(0x3400, 0x4DBF) || in(0x4E00, 0x9FFF) ||
         in(0xAC00, 0xD7AF) || in(0xF900, 0xFAFF) || in(0x20000, 0x2FA1F);
}

// Letters and digits; of what is not ASCII all but punctuation and spaces.
bool is_letter(std::uint32_t code) {
  if (code < 0x80) {
    return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
           (code >= 'A' && code <= 'Z');
  }
  const bool punctuation = code < 0xC0 || code == 0xD7 || code == 0xF7 ||
                           (code >= 0x2000 && code <= 0x2BFF) ||
                           (code >= 0x3000 && code <= 0x303F) ||
                           (code >= 0xFF00 && code <= 0xFF0F) || code == 0xFFFD;
  return !punctuation;
}

void finish(std::string& word, std::vector<std::string>& out) {
  const std::size_t n = word.size();
  if (n >= 4 && word[n - 1] == 's' && word[n - 2] != 's') word.pop_back();
  if (!word.empty()) out.push_back(std::move(word));
  word.clear();
}

}  // namespace

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word, before;  // before: the neighbour on the left
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, bytes] = read(text, at);
    const std::string_view character = text.substr(at, bytes);
    at += bytes;
    if (without_spaces(code)) {
      finish(word, out);
      out.emplace_back(character);
      if (!before.empty()) out.push_back(before + std::string(character));
      before = character;
      continue;
    }
    before.clear();
    if (!is_letter(code)) {
      finish(word, out);
    } else if (code >= 'A' && code <= 'Z') {
      word.push_back(static_cast<char>(code - 'A' + 'a'));
    } else {
      word.append(character);
    }
  }
  finish(word, out);
  return out;
}

}  // namespace ensue::runtime
