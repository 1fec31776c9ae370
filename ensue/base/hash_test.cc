// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/hash.h"

#include <gtest/gtest.h>

#include <string>

namespace ensue {
namespace {

// Known values: `printf %s TEXT | xxhsum -H3` (xxHash 0.8).
TEST(Checksum, EqualsXxhsum) {
  EXPECT_EQ(to_hex(checksum("")), "2d06800538d394c2");
  EXPECT_EQ(to_hex(checksum("abc")), "78af5f94892f3950");
}

TEST(Checksum, OfPiecesEqualsTheChecksumOfTheWhole) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>(i * 7);
  for (const std::size_t piece : {1, 63, 64, 256, 4999}) {
    Checksum sum;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      sum.add(std::as_bytes(
          std::span(text).subspan(at, std::min(piece, text.size() - at))));
    }
    EXPECT_EQ(sum.value(), checksum(text)) << "pieces of " << piece;
  }
}

TEST(Checksum, ChangesWithEveryBit) {
  std::string text(100, 'a');
  const auto before = checksum(text);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(checksum(text), before) << "bit " << bit;
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
  }
}

TEST(ToHex, HasSixteenDigits) {
  EXPECT_EQ(to_hex(0), "0000000000000000");
  EXPECT_EQ(to_hex(0x1F), "000000000000001f");
  EXPECT_EQ(to_hex(~0ULL), "ffffffffffffffff");
}

TEST(KeyedHash, DependsOnSecretAndText) {
  const KeyedHash one(KeyedHash::new_secret()), two(KeyedHash::new_secret());
  for (const std::string text : {"", "ann", "a longer name, of many bytes"}) {
    EXPECT_EQ(one.wide(text), one.wide(text));
    EXPECT_EQ(one.wide(text).size(), 16U);
    EXPECT_NE(one.wide(text), two.wide(text));
    EXPECT_NE(one.narrow(text), two.narrow(text));
    EXPECT_NE(one.wide(text), one.wide(text + "!"));
  }
  EXPECT_ANY_THROW(KeyedHash("short"));
}

}  // namespace
}  // namespace ensue
