// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/copies.h"

#include <gtest/gtest.h>

#include "ensue/base/rng.h"

namespace ensue::judge {
namespace {

using Sequences = std::vector<ItemSequence>;

Sequences random_sequences(std::size_t users, std::size_t length,
                           std::uint64_t items, std::uint64_t seed) {
  Rng rng(seed);
  Sequences out(users, ItemSequence(length));
  for (auto& user : out) {
    for (auto& item : user) item = static_cast<std::uint32_t>(rng.below(items));
  }
  return out;
}

TEST(Copies, AreRunsInARowWithinOneUser) {
  const Sequences training = {{1, 2, 3, 4, 5}, {6, 7, 8, 9}};
  const Sequences histories = {
      {0, 2, 3, 4, 0},  // a run of three
      {4, 5, 6, 7},     // two users end to end: runs of two
      {3, 2, 1},        // backwards: one item
      {1, 0, 2, 0, 3},  // with gaps: one item
      {2, 3},           // too short to be asked
  };
  const Copies got = find_copies(histories, training, 3);
  EXPECT_EQ(got.histories, 4U);
  EXPECT_EQ(got.copying, 1U);
  EXPECT_EQ(got.longest, 3U);
  EXPECT_EQ(find_copies(histories, training, 2).copying, 3U);
}

TEST(Copies, OfATrainingUserAreFoundWhole) {
  const Sequences training = random_sequences(50, 40, 30, 1);
  Sequences histories = random_sequences(10, 40, 30, 2);
  EXPECT_EQ(find_copies(histories, training, 8).copying, 0U);
  histories[3] = training[17];
  const Copies got = find_copies(histories, training, 8);
  EXPECT_EQ(got.copying, 1U);
  EXPECT_EQ(got.longest, 40U);
}

TEST(Copies, TheLongestRunAgreesWithComparingEveryPlace) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const Sequences a = random_sequences(8, 30, 3, 2 * seed);
    const Sequences b = random_sequences(8, 30, 3, 2 * seed + 1);
    std::size_t expected = 0;
    for (const auto& x : a) {
      for (const auto& y : b) {
        for (std::size_t i = 0; i < x.size(); ++i) {
          for (std::size_t j = 0; j < y.size(); ++j) {
            std::size_t n = 0;
            while (i + n < x.size() && j + n < y.size() && x[i + n] == y[j + n])
              ++n;
            expected = std::max(expected, n);
          }
        }
      }
    }
    EXPECT_EQ(find_copies(a, b, 3).longest, expected);
  }
}

TEST(Copies, AmongTrainingUsersNobodyCopiesHimself) {
  const Sequences alone = {{1, 1, 1, 1, 1, 1}, {2, 3, 4}};
  EXPECT_EQ(find_copies_among(alone, 2).copying, 0U);
  EXPECT_EQ(find_copies_among(alone, 2).longest, 0U);
  const Sequences twins = {{1, 2, 3}, {4, 2, 3}, {5, 6, 7}};
  EXPECT_EQ(find_copies_among(twins, 2).copying, 2U);
  EXPECT_EQ(find_copies_among(twins, 2).longest, 2U);
}

TEST(Copies, ClearlyMoreIsMoreThanChance) {
  const Copies real{1000, 100, 8};
  EXPECT_FALSE(clearly_more({1000, 100, 8}, real));
  EXPECT_FALSE(clearly_more({1000, 120, 8}, real));  // 1.4 standard errors
  EXPECT_TRUE(clearly_more({1000, 200, 8}, real));
  EXPECT_FALSE(clearly_more({1000, 0, 16}, real));
  EXPECT_TRUE(clearly_more({1000, 0, 17}, real));
  EXPECT_FALSE(clearly_more({0, 0, 0}, real));
}

}  // namespace
}  // namespace ensue::judge
