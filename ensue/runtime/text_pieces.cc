// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/text_pieces.h"

#include <optional>
#include <span>

namespace ensue::runtime {
namespace {

// Longer runs are cut, so that one word costs little.
constexpr std::size_t kLongestWord = 64;  // characters

// The character at the start of `text`, shortened by it; nullopt: no UTF-8, a
// byte shorter.
std::optional<std::uint32_t> take_character(std::string_view& text) {
  const auto byte = [&text](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t lead = byte(0);
  const std::size_t size = lead < 0x80           ? 1
                           : (lead >> 5) == 0x06 ? 2
                           : (lead >> 4) == 0x0E ? 3
                           : (lead >> 3) == 0x1E ? 4
                                                 : 0;
  bool good = size > 0 && size <= text.size();
  std::uint32_t code = size == 1 ? lead : lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; good && i < size; ++i) {
    good = (byte(i) >> 6) == 0x02;
    code = (code << 6) | (byte(i) & 0x3F);
  }
  text.remove_prefix(good ? size : 1);
  return good ? std::optional(code) : std::nullopt;
}

void append(std::string& out, std::uint32_t code) {
  const auto add = [&out](std::uint32_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      add(0xE0 | (code >> 12));
    } else {
      add(0xF0 | (code >> 18));
      add(0x80 | ((code >> 12) & 0x3F));
    }
    add(0x80 | ((code >> 6) & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

// Alphabets whose letters stand in two rows or in pairs.
std::uint32_t lower(std::uint32_t c) {
  const auto within = [c](std::uint32_t a, std::uint32_t b) {
    return c >= a && c <= b;
  };
  if (within('A', 'Z')) return c + 32;
  if (within(0xC0, 0xDE) && c != 0xD7) return c + 32;    // Latin-1
  if (within(0x100, 0x137) && c != 0x130) return c | 1;  // Latin extended A
  if (within(0x14A, 0x177)) return c | 1;
  if (within(0x391, 0x3A9)) return c + 32;  // Greek
  if (within(0x410, 0x42F)) return c + 32;  // Cyrillic
  if (within(0x400, 0x40F)) return c + 80;
  return c;
}

enum class Sort { kSpace, kMark, kLetter };

Sort sort_of(std::uint32_t c) {
  if (c <= ' ' || c == 0x7F || c == 0xA0 || c == 0x3000 ||
      (c >= 0x2000 && c <= 0x200B)) {
    return Sort::kSpace;
  }
  const bool letter = c >= 0x80 || (c >= '0' && c <= '9') ||
                      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter ? Sort::kLetter : Sort::kMark;
}

void add_pieces(const events::Vocabulary& pieces, std::string_view word,
                std::vector<std::uint32_t>& out) {
  std::vector<std::string_view> parts = characters_of(word);
  while (parts.size() > 1) {
    std::optional<std::uint32_t> first;
    std::size_t place = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto joint =
          pieces.find({parts[i].data(), parts[i].size() + parts[i + 1].size()});
      if (!joint || (first && *first <= *joint)) continue;
      first = joint;
      place = i;
    }
    if (!first) break;
    parts[place] = {parts[place].data(),
                    parts[place].size() + parts[place + 1].size()};
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
  for (const std::string_view part : parts) {
    if (const auto id = pieces.find(part)) out.push_back(*id);
  }
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  Sort before = Sort::kSpace;
  std::size_t size = 0;
  while (!text.empty()) {
    const auto code = take_character(text);
    if (!code) continue;
    const Sort sort = sort_of(*code);
    if (sort != Sort::kSpace) {
      if (sort != before || size == kLongestWord) {
        out.emplace_back(kWordStart);
        size = 0;
      }
      append(out.back(), lower(*code));
      ++size;
    }
    before = sort;
  }
  return out;
}

std::vector<std::string_view> characters_of(std::string_view word) {
  std::vector<std::string_view> out;
  while (!word.empty()) {
    const std::string_view from = word;
    take_character(word);
    out.push_back(from.substr(0, from.size() - word.size()));
  }
  return out;
}

std::vector<std::uint32_t> pieces_of(const events::Vocabulary& pieces,
                                     std::string_view text) {
  std::vector<std::uint32_t> out;
  for (const std::string& word : words_of(text)) add_pieces(pieces, word, out);
  return out;
}

}  // namespace ensue::runtime
