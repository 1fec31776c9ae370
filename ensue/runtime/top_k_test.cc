// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "ensue/base/rng.h"

namespace ensue::runtime {
namespace {

std::vector<std::uint32_t> items_of(const std::vector<Scored>& list) {
  std::vector<std::uint32_t> out;
  for (const Scored& s : list) out.push_back(s.item);
  return out;
}

TEST(TopK, EqualsTheFirstOfAFullSortOnScoresWithManyTies) {
  Rng rng(1);
  std::vector<float> scores(500);
  for (float& s : scores) s = static_cast<float>(rng.below(20));
  std::vector<std::uint32_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return scores[a] > scores[b]; });
  for (const std::size_t k : {1u, 7u, 100u, 500u}) {
    const std::vector<std::uint32_t> expected(order.begin(), order.begin() + k);
    EXPECT_EQ(items_of(top_k(scores, k)), expected) << "k = " << k;
  }
}

TEST(TopK, TiesGoToTheLowerIndex) {
  EXPECT_EQ(items_of(top_k(std::vector<float>{1, 3, 3, 3}, 2)),
            (std::vector<std::uint32_t>{1, 2}));
}

TEST(TopK, OnlyAllowedItemsEnter) {
  EXPECT_EQ(items_of(top_k(std::vector<float>{1, 3, 2, 0}, 2,
                           std::vector<std::uint8_t>{1, 0, 0, 1})),
            (std::vector<std::uint32_t>{0, 3}));
}

TEST(TopK, AFilterKeepsWhatIsAllowedAndNotExcluded) {
  std::vector<float> scores(70);
  for (std::size_t i = 0; i < 70; ++i) scores[i] = static_cast<float>(i);
  const std::vector<std::uint64_t> allowed = {0b1110, ~std::uint64_t{0}};
  const std::vector<std::uint32_t> excluded = {2, 65, 68, 1000};
  const ItemFilter filter{allowed, excluded};
  EXPECT_EQ(items_of(top_k(scores, 100, filter)),
            (std::vector<std::uint32_t>{69, 67, 66, 64, 3, 1}));
  EXPECT_EQ(items_of(top_k(scores, 1, {.excluded = excluded})),
            (std::vector<std::uint32_t>{69}));
}

TEST(TopK, GivesFewerWhenThereAreFewer) {
  EXPECT_EQ(top_k(std::vector<float>{1, 2}, 5).size(), 2u);
  EXPECT_TRUE(top_k({}, 5).empty());
  EXPECT_TRUE(top_k(std::vector<float>{1, 2}, 0).empty());
}

}  // namespace
}  // namespace ensue::runtime
