// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/vocabulary.h"

#include <gtest/gtest.h>

#include <cstring>

#include "ensue/base/error.h"

namespace ensue::events {
namespace {

Vocabulary make(const std::vector<std::string>& names) {
  return Vocabulary::from_names(std::span<const std::string>(names));
}

TEST(Vocabulary, FindsEveryNameAndNamesEveryId) {
  std::vector<std::string> names = {"", "茶壶", "a,b", "line\nbreak", "\"q\""};
  for (int i = 0; i < 1000; ++i) names.push_back("item" + std::to_string(i));
  const Vocabulary words = make(names);
  ASSERT_EQ(words.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(words.name(i), names[i]);
    EXPECT_EQ(words.find(names[i]), i);
  }
}

TEST(Vocabulary, SaysNothingForAnUnknownName) {
  EXPECT_EQ(make({"a"}).find("b"), std::nullopt);
  EXPECT_EQ(Vocabulary().find("b"), std::nullopt);
  EXPECT_EQ(Vocabulary().size(), 0u);
}

TEST(Vocabulary, RefusesANameThatStandsTwice) {
  EXPECT_THROW(make({"a", "b", "a"}), Error);
}

TEST(Vocabulary, IsReadBackFromItsBytes) {
  const Vocabulary words = make({"x", "y"});
  const Vocabulary same = Vocabulary::from_bytes(words.bytes(), nullptr);
  EXPECT_EQ(same.find("y"), 1u);
}

TEST(Vocabulary, RefusesBytesThatDoNotFit) {
  const Vocabulary words = make({"x", "y"});
  for (std::size_t n = 0; n < words.bytes().size(); ++n) {
    EXPECT_THROW(Vocabulary::from_bytes(words.bytes().first(n), nullptr), Error)
        << "cut at " << n;
  }
  std::vector<std::uint64_t> copy((words.bytes().size() + 7) / 8);
  std::memcpy(copy.data(), words.bytes().data(), words.bytes().size());
  copy[4] = 1000;  // an offset beyond the text
  const auto bytes = std::as_bytes(std::span(copy)).first(words.bytes().size());
  EXPECT_THROW(Vocabulary::from_bytes(bytes, nullptr), Error);
}

}  // namespace
}  // namespace ensue::events
