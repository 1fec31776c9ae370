// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/discounts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

using runtime::DiscountCount;

TEST(DiscountUse, DrawsFewPurchasesToEverybodys) {
  // Beta(1, 1): a mean of a half, two purchases strong.
  const DiscountUse one = discount_use({1, 1}, 1, 1);
  EXPECT_EQ(one.share, 1);
  EXPECT_EQ(one.expected, 0.5);
  EXPECT_EQ(one.drawn_by, 2);
  EXPECT_NEAR(one.difference, 2.0 / 3 - 0.5, 1e-12);
  // Beta(2, 1) has P(X <= x) = x^2.
  EXPECT_NEAR(one.low, std::sqrt(0.025) - 0.5, 1e-9);
  EXPECT_NEAR(one.high, std::sqrt(0.975) - 0.5, 1e-9);
  EXPECT_EQ(one.word, "no different");
}

TEST(DiscountUse, NamesADifferenceThatTheIntervalIsSureOf) {
  EXPECT_EQ(discount_use({9, 9}, 1, 1).word, "buys on offer");
  EXPECT_EQ(discount_use({9, 0}, 1, 1).word, "buys at full price");
  // The same purchases say less where customers hardly differ.
  EXPECT_EQ(discount_use({9, 9}, 500, 500).word, "no different");
}

TEST(DiscountUse, HasItsMeanInTheIntervalWhereCustomersAreAtOneEnd) {
  for (const DiscountCount& own : {DiscountCount{23, 0}, {21, 21}, {3, 0}}) {
    const DiscountUse said = discount_use(own, 0.001, 0.001);
    EXPECT_LE(said.low, said.difference);
    EXPECT_GE(said.high, said.difference);
  }
}

TEST(DiscountUse, OfAGroupHasTheIntervalOfItsCustomers) {
  // Twenty customers of 4 purchases each, of half of them all on offer.
  std::vector<DiscountCount> customers(10, {4, 4});
  customers.resize(20, {4, 0});
  customers.push_back({0, 0});
  const auto said = discount_use_of_group(customers, 0.2);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->purchases, 80U);
  EXPECT_EQ(said->share, 0.5);
  // The mean of twenty shares, each half a share away from it.
  const double half = 1.959964 * std::sqrt(0.25 / 19);
  EXPECT_NEAR(said->low, 0.3 - half, 1e-9);
  EXPECT_NEAR(said->high, 0.3 + half, 1e-9);
  EXPECT_EQ(said->word, "buys on offer");
}

TEST(DiscountUse, OfAGroupIsNotSaidForAHandful) {
  EXPECT_FALSE(discount_use_of_group(std::vector<DiscountCount>(9, {4, 1}), 1));
  EXPECT_TRUE(discount_use_of_group(std::vector<DiscountCount>(10, {4, 1}), 1));
}

TEST(DiscountAdvice, FollowsWhatIsKnown) {
  DiscountUse use{.share = 0.62, .expected = 0.48, .low = 0.1, .high = 0.2};
  EXPECT_EQ(discount_advice("none: they buy anyway", use),
            "offers: they buy on offer (62 % of purchases with money off, all: "
            "48 %)");
  EXPECT_TRUE(discount_advice("on the next order", use)
                  .starts_with("on the next order: they buy on offer (62 %"));
  use.low = -0.1;
  EXPECT_TRUE(discount_advice("one that ends soon", use)
                  .starts_with("one that ends soon (62 %"));
  use.high = -0.05;
  EXPECT_TRUE(discount_advice("on the next order", use)
                  .starts_with("none: they buy at full price (62 %"));
}

TEST(DiscountUse, IsReadBack) {
  const JsonObject json = to_json(discount_use({9, 9}, 1, 1));
  EXPECT_EQ(to_text(to_json(discount_use_from(json))), to_text(json));
  EXPECT_THROW(discount_use_from({{"share", "half"}}), Error);
}

}  // namespace
}  // namespace ensue::tasks
