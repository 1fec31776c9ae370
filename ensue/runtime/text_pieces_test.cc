// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/text_pieces.h"

#include <gtest/gtest.h>

namespace ensue::runtime {
namespace {

using Texts = std::vector<std::string>;

Texts pieces(const Texts& known, std::string_view text) {
  const auto vocabulary = events::Vocabulary::from_names(known);
  Texts out;
  for (const auto id : pieces_of(vocabulary, text)) out.push_back(known[id]);
  return out;
}

TEST(WordsOf, CutsAtSpacesAndMarksAndLowersLetters) {
  EXPECT_EQ(words_of("Red  MUG,2nd"), (Texts{"▁red", "▁mug", "▁,", "▁2nd"}));
  EXPECT_EQ(words_of(" \t\n"), Texts{});
  EXPECT_EQ(words_of("!?x"), (Texts{"▁!?", "▁x"}));
}

TEST(WordsOf, LowersLettersOfOtherAlphabets) {
  EXPECT_EQ(words_of("CAFÉ"), Texts{"▁café"});
  EXPECT_EQ(words_of("Ёлка ŽÁBA ΑΩ"), (Texts{"▁ёлка", "▁Žába", "▁αω"}));
  EXPECT_EQ(words_of("红 杯子"), (Texts{"▁红", "▁杯子"}));
}

TEST(WordsOf, LeavesOutBytesThatAreNoText) {
  EXPECT_EQ(words_of("a\xFF\xC3"), Texts{"▁a"});
  EXPECT_EQ(words_of("a\x80z"), Texts{"▁az"});
}

TEST(WordsOf, CutsEndlessRuns) {
  const auto words = words_of(std::string(130, 'x'));
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[2], "▁xx");
}

TEST(CharactersOf, AreWholeWhateverTheirSize) {
  const auto found = characters_of("▁aé杯");
  EXPECT_EQ(Texts(found.begin(), found.end()), (Texts{"▁", "a", "é", "杯"}));
}

TEST(PiecesOf, WhatWasLearntFirstIsJoinedFirst) {
  EXPECT_EQ(pieces({"a", "b", "c", "▁", "bc", "ab", "abc"}, "abc"),
            (Texts{"▁", "abc"}));
  EXPECT_EQ(pieces({"a", "b", "c", "▁", "bc", "ab"}, "abc"),
            (Texts{"▁", "a", "bc"}));
  EXPECT_EQ(pieces({"a", "b", "c", "▁", "ab", "bc"}, "abc"),
            (Texts{"▁", "ab", "c"}));
}

TEST(PiecesOf, UnknownCharactersAreLeftOut) {
  EXPECT_EQ(pieces({"▁", "a"}, "ax za"), (Texts{"▁", "a", "▁", "a"}));
  EXPECT_EQ(pieces({"▁", "a"}, ""), Texts{});
}

}  // namespace
}  // namespace ensue::runtime
