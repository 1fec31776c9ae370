// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/search_words.h"

#include <gtest/gtest.h>

namespace ensue::runtime {
namespace {

using Words = std::vector<std::string>;

TEST(SearchWords, LowersAndCutsAtWhatIsNoLetter) {
  EXPECT_EQ(search_words("Nordic-Coffee, No. 3!"),
            Words({"nordic", "coffee", "no", "3"}));
}

TEST(SearchWords, DropsOnePluralS) {
  EXPECT_EQ(search_words("lamps glass gas"), Words({"lamp", "glass", "gas"}));
}

TEST(SearchWords, TakesCharactersAndPairsWhereThereAreNoSpaces) {
  EXPECT_EQ(search_words("北欧鞋3号"),
            Words({"北", "欧", "北欧", "鞋", "欧鞋", "3", "号"}));
}

TEST(SearchWords, KeepsLettersOfOtherAlphabets) {
  EXPECT_EQ(search_words("café Ölkanne"), Words({"café", "Ölkanne"}));
}

TEST(SearchWords, PassesOverBrokenBytesAndEmptyText) {
  EXPECT_EQ(search_words(""), Words());
  EXPECT_EQ(search_words("a\xFF"
                         "b\xE5\x8C"),
            Words({"a", "b"}));
}

}  // namespace
}  // namespace ensue::runtime
