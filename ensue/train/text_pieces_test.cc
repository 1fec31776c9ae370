// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/text_pieces.h"

#include <gtest/gtest.h>

#include "ensue/runtime/text_pieces.h"

namespace ensue::train {
namespace {

using Texts = std::vector<std::string>;

Texts names(const events::Vocabulary& pieces) {
  Texts out;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    out.emplace_back(pieces.name(i));
  }
  return out;
}

TEST(LearnPieces, JoinsTheMostFrequentPairFirst) {
  // b 4, ▁ 4, a 3, c 1; then ab 3, ▁ab 3; the rest stands once.
  EXPECT_EQ(names(learn_pieces({"ab ab", "ab", "bc"}, 100)),
            (Texts{"b", "▁", "a", "c", "ab", "▁ab"}));
}

TEST(LearnPieces, OfEquallyFrequentPairsTheLowerTextComesFirst) {
  const auto found = names(learn_pieces({"xy ab xy ab"}, 100));
  ASSERT_EQ(found.size(), 9u);  // ▁ a b x y, then four pairs
  EXPECT_EQ(found[5], "ab");
  EXPECT_EQ(found[6], "xy");
}

TEST(LearnPieces, CountsOverlappingPairsOnce) {
  // aaa: the first two join, then aa and a.
  EXPECT_EQ(names(learn_pieces({"aaa aaa"}, 100)),
            (Texts{"a", "▁", "aa", "aaa", "▁aaa"}));
}

TEST(LearnPieces, StopsAtTheLimitCharactersFirst) {
  EXPECT_EQ(names(learn_pieces({"ab ab", "ab", "bc"}, 5)),
            (Texts{"b", "▁", "a", "c", "ab"}));
  EXPECT_EQ(names(learn_pieces({"ab ab", "ab", "bc"}, 2)), (Texts{"b", "▁"}));
  EXPECT_EQ(learn_pieces({"", " "}, 10).size(), 0u);
}

TEST(LearnPieces, FrequentWordsBecomeOnePieceAndRareOnesSeveral) {
  Texts texts(20, "red mug");
  texts.emplace_back("reddish mugs");
  const auto pieces = learn_pieces(texts, 30);
  EXPECT_EQ(runtime::pieces_of(pieces, "RED mug").size(), 2u);
  EXPECT_GT(runtime::pieces_of(pieces, "reddish").size(), 1u);
}

}  // namespace
}  // namespace ensue::train
