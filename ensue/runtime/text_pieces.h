// SPDX-License-Identifier: Apache-2.0
// Text as pieces of words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/events/vocabulary.h"

namespace ensue::runtime {

/// Stands before the first character of a word: U+2581, as in SentencePiece
/// (Kudo & Richardson 2018, arXiv:1808.06226).
inline constexpr std::string_view kWordStart = "\xE2\x96\x81";

/// The words of a UTF-8 text, each with kWordStart before it: runs without
/// spaces, cut between letters or digits and ASCII punctuation. Latin, Greek
/// and Cyrillic letters in lower case. Bytes that are no UTF-8 are left out.
std::vector<std::string> words_of(std::string_view text);

/// The characters of a text that words_of() made.
std::vector<std::string_view> characters_of(std::string_view word);

/// Byte pair encoding (Sennrich et al. 2016, arXiv:1508.07909): ids of the
/// pieces of `text` in order. From single characters on, the two neighbours
/// whose joint piece was learnt first become one, until no two make a piece.
/// A character that is no piece is left out.
/// @param pieces  In the order they were learnt (train/text_pieces.h).
std::vector<std::uint32_t> pieces_of(const events::Vocabulary& pieces,
                                     std::string_view text);

}  // namespace ensue::runtime
