// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/repeats.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ensue::events {
namespace {

Event at(std::uint32_t item, std::int64_t time) {
  return {ItemId{item}, ActionId{0}, Millis{time}};
}

TEST(Repeats, OldEventsCountLessByTheNumberOfLaterInstants) {
  const std::vector<Event> recent = {at(7, 1), at(3, 2), at(7, 5)};
  Repeats out;
  count_repeats(recent, /*order_within_instant=*/true, out);
  ASSERT_EQ(out.items, (std::vector<ItemId>{ItemId{3}, ItemId{7}}));
  EXPECT_FLOAT_EQ(out.numbers[0][1], std::log1p(0.9F));       // age 1
  EXPECT_FLOAT_EQ(out.numbers[1][0], std::log1p(2.0F));       // never fades
  EXPECT_FLOAT_EQ(out.numbers[1][1], std::log1p(1 + 0.81F));  // ages 0, 2
  EXPECT_FLOAT_EQ(out.numbers[1][2], std::log1p(1 + 0.36F));
}

TEST(Repeats, ABasketIsOneInstantWhereItsOrderIsNotReal) {
  const std::vector<Event> recent = {at(1, 4), at(2, 9), at(3, 9)};
  Repeats out;
  count_repeats(recent, /*order_within_instant=*/false, out);
  EXPECT_FLOAT_EQ(out.numbers[0][2], std::log1p(0.6F));
  EXPECT_FLOAT_EQ(out.numbers[1][2], std::log1p(1.0F));
  EXPECT_FLOAT_EQ(out.numbers[2][2], std::log1p(1.0F));
}

TEST(Repeats, NothingComesOfNothing) {
  Repeats out;
  count_repeats({}, true, out);
  EXPECT_TRUE(out.items.empty());
}

}  // namespace
}  // namespace ensue::events
