// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/text_terms.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ensue::runtime {
namespace {

char lowered(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// Two characters at least.
bool is_a_word(std::string_view run) {
  return std::ranges::count_if(run, begins_character) > 1;
}

void terms_of_piece(std::string_view piece, int shortest, int longest,
                    std::vector<std::size_t>& begins, const TermFn& term) {
  begins.clear();
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (begins_character(piece[i])) begins.push_back(i);
  }
  const std::size_t characters = begins.size();
  begins.push_back(piece.size());
  for (std::size_t n = static_cast<std::size_t>(shortest);
       n <= static_cast<std::size_t>(longest); ++n) {
    if (n >= characters) return term(piece);
    for (std::size_t at = 0; at + n <= characters; ++at) {
      term(piece.substr(begins[at], begins[at + n] - begins[at]));
    }
  }
}

}  // namespace

void each_word_term(std::string_view text, int longest, const TermFn& term) {
  std::string words;                // those so far, a space between them
  std::vector<std::size_t> begins;  // of each in `words`
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = words.size() + (words.empty() ? 0 : 1);
    if (!words.empty()) words += ' ';
    for (; i < text.size() && is_word(lowered(text[i])); ++i) {
      words += lowered(text[i]);
    }
    if (is_a_word(std::string_view(words).substr(begin))) {
      begins.push_back(begin);
    } else {
      words.resize(begins.empty() ? 0 : begin - 1);
    }
    while (i < text.size() && !is_word(lowered(text[i]))) ++i;
  }
  const std::string_view all = words;
  for (std::size_t w = 0; w < begins.size(); ++w) {
    for (std::size_t n = 1;
         n <= static_cast<std::size_t>(longest) && w + n <= begins.size();
         ++n) {
      const std::size_t end =
          w + n == begins.size() ? all.size() : begins[w + n] - 1;
      term(all.substr(begins[w], end - begins[w]));
    }
  }
}

void each_letter_term(std::string_view text, int shortest, int longest,
                      const TermFn& term) {
  std::vector<std::size_t> begins;
  std::string piece;
  for (std::size_t i = 0; i < text.size();) {
    while (i < text.size() && is_space(text[i])) ++i;
    piece.assign(1, ' ');
    for (; i < text.size() && !is_space(text[i]); ++i) {
      piece += lowered(text[i]);
    }
    if (piece.size() == 1) break;
    piece += ' ';
    terms_of_piece(piece, shortest, longest, begins, term);
  }
}

}  // namespace ensue::runtime
