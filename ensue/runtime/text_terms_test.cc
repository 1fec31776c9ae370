// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/text_terms.h"

#include <gtest/gtest.h>

#include <vector>

namespace ensue::runtime {
namespace {

using Terms = std::vector<std::string>;

Terms words(std::string_view text, int longest) {
  Terms out;
  each_word_term(text, longest,
                 [&](std::string_view t) { out.emplace_back(t); });
  return out;
}

Terms letters(std::string_view text, int shortest, int longest) {
  Terms out;
  each_letter_term(text, shortest, longest,
                   [&](std::string_view t) { out.emplace_back(t); });
  return out;
}

TEST(WordTerms, AreLoweredRunsOfTwoCharactersOrMore) {
  EXPECT_EQ(words("I Didn't FIT, a 5'8\" ok!", 1),
            (Terms{"didn", "fit", "ok"}));
  EXPECT_EQ(words("", 2), Terms());
  EXPECT_EQ(words(" - a ", 2), Terms());
}

TEST(WordTerms, RunsGoOverWhatIsNoWord) {
  EXPECT_EQ(words("so - a very nice", 2),
            (Terms{"so", "so very", "very", "very nice", "nice"}));
}

TEST(WordTerms, AWordOfTwoCharactersMayBeOneOfManyBytes) {
  EXPECT_EQ(words("茶杯 é x", 1), Terms{"茶杯"});
}

TEST(LetterTerms, StayInsidePaddedPieces) {
  EXPECT_EQ(letters("Ab c", 2, 3),
            (Terms{" a", "ab", "b ", " ab", "ab ", " c", "c ", " c "}));
}

TEST(LetterTerms, APieceShorterThanTheRunIsATermOnce) {
  EXPECT_EQ(letters("a", 4, 6), Terms{" a "});
  EXPECT_EQ(letters("茶", 2, 2), (Terms{" 茶", "茶 "}));
}

}  // namespace
}  // namespace ensue::runtime
