// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/lists.h"

#include <gtest/gtest.h>

#include <vector>

namespace ensue::metrics {
namespace {

// Four items; two lists of up to three.
struct Shop {
  std::vector<std::uint32_t> places = {0, 1, 2, 0, 1, kNoPlace};
  std::vector<std::uint32_t> users_of_item = {8, 4, 0, 1};
  TopLists lists() const { return {4, 3, places, users_of_item, 8}; }
};

TEST(Lists, CoverageCountsItemsShownAtLeastOnce) {
  const Shop shop;
  EXPECT_DOUBLE_EQ(coverage(shop.lists(), 1), 1.0 / 4);
  EXPECT_DOUBLE_EQ(coverage(shop.lists(), 3), 3.0 / 4);
}

TEST(Lists, GiniIsZeroWhenAllItemsShowEquallyOften) {
  const std::vector<std::uint32_t> places = {0, 1, 2, 3};
  EXPECT_DOUBLE_EQ(gini({4, 2, places, {}, 0}, 2), 0);
}

TEST(Lists, GiniOfOneItemForEverybodyIsOneMinusOneOverItems) {
  const std::vector<std::uint32_t> places = {3, 3, 3};
  // Counts 0 0 0 3: (2 * 4 - 4 - 1) * 3 / (4 * 3)
  EXPECT_DOUBLE_EQ(gini({4, 1, places, {}, 0}, 1), 0.75);
}

TEST(Lists, GiniCountsItemsNeverShown) {
  // Counts 0 1 2 2: (-3 * 0 - 1 * 1 + 1 * 2 + 3 * 2) / (4 * 5)
  EXPECT_DOUBLE_EQ(gini(Shop{}.lists(), 3), 7.0 / 20);
}

TEST(Lists, NoveltyIsTheMeanOverListsOfTheMeanSurprise) {
  // Items 0, 1, 2 carry 0, 1 and (nobody counts as one user) 3 bits.
  EXPECT_DOUBLE_EQ(novelty(Shop{}.lists(), 3), ((0 + 1 + 3) / 3.0 + 0.5) / 2);
}

TEST(Lists, AKAboveTheWidthUsesTheWholeList) {
  const Shop shop;
  EXPECT_DOUBLE_EQ(coverage(shop.lists(), 100), coverage(shop.lists(), 3));
}

}  // namespace
}  // namespace ensue::metrics
