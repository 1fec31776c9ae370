// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/discounts.h"

#include <gtest/gtest.h>

#include "ensue/events/log.h"

namespace ensue::runtime {
namespace {

using events::Millis;

// Purchases with 0, 0.5 and nothing off, one by coupon, and a view with money
// off.
events::Log five_events() {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{1}, "purchase", 2).with("discount", 0.0F);
  builder.add("u", "a", Millis{2}, "purchase", 2).with("discount", 0.5F);
  builder.add("u", "a", Millis{3}, "purchase", 2).with("device", "phone");
  builder.add("u", "a", Millis{4}, "purchase", 2)
      .with("discount", 0.0F)
      .with("coupon", -1.0F);
  builder.add("u", "a", Millis{5}, "view", 2).with("discount", 0.5F);
  return builder.build();
}

DiscountCount counted(const DiscountSource& source) {
  const auto log = five_events();
  return Discounts(log.context(), log.action_names(), source)
      .count(log.history(events::UserId{0}));
}

TEST(Discounts, CountsPurchasesOfWhichItIsKnown) {
  const auto said = counted({.columns = {"discount"}});
  EXPECT_EQ(said.purchases, 3U);
  EXPECT_EQ(said.discounted, 1U);
}

TEST(Discounts, TakesAnEmptyCellForNoneWhereToldSo) {
  const auto said = counted({.columns = {"discount"}, .empty_is_none = true});
  EXPECT_EQ(said.purchases, 4U);
  EXPECT_EQ(said.discounted, 1U);
}

TEST(Discounts, CountsMoneyOffInAnyColumnWhateverItsSign) {
  const auto said = counted({.columns = {"coupon", "discount"}});
  EXPECT_EQ(said.purchases, 3U);
  EXPECT_EQ(said.discounted, 2U);
}

TEST(Discounts, SayNothingByColumnsThatAreNotThereOrHoldText) {
  EXPECT_EQ(counted({.columns = {"device"}}).purchases, 0U);
  EXPECT_EQ(counted({.columns = {"off"}, .empty_is_none = true}).purchases, 0U);
}

TEST(Discounts, CountTheBuyingActionAlone) {
  const auto said = counted({.columns = {"discount"}, .buying = "view"});
  EXPECT_EQ(said.purchases, 1U);
  EXPECT_EQ(counted({.columns = {"discount"}, .buying = "order"}).purchases,
            0U);
}

}  // namespace
}  // namespace ensue::runtime
