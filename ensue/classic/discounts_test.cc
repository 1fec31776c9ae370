// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/discounts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

using events::Millis;
using runtime::DiscountCount;

constexpr Millis kEver{std::numeric_limits<std::int64_t>::max()};

// The beta-binomial by its own recursion, no gamma function.
double plain_log_likelihood(std::span<const DiscountCount> customers, double a,
                            double b) {
  double out = 0;
  for (const DiscountCount& one : customers) {
    for (std::size_t i = 0; i < one.purchases; ++i) {
      const auto d = static_cast<double>(i);
      out -= std::log(a + b + d);
      out += i < one.discounted
                 ? std::log(a + d)
                 : std::log(b + d - static_cast<double>(one.discounted));
    }
  }
  return out;
}

TEST(FitShareSpread, IsTheBestOfAFineGrid) {
  const std::vector<DiscountCount> customers = {{5, 5}, {4, 0}, {9, 3}, {6, 1},
                                                {7, 6}, {0, 0}, {3, 0}, {8, 4}};
  const ShareSpread said = fit_share_spread(customers);
  const double reached = plain_log_likelihood(customers, said.offer, said.full);
  for (double a = 0.1; a < 4; a += 0.02) {
    for (double b = 0.1; b < 4; b += 0.02) {
      EXPECT_LE(plain_log_likelihood(customers, a, b), reached + 1e-9)
          << a << " " << b;
    }
  }
}

TEST(FitShareSpread, FindsWhatCustomersWereDrawnFrom) {
  std::mt19937_64 draw(7);
  std::gamma_distribution<double> offer(2), full(6);
  std::vector<DiscountCount> customers;
  for (std::size_t u = 0; u < 4000; ++u) {
    const double x = offer(draw), y = full(draw);
    std::binomial_distribution<int> bought(20, x / (x + y));
    customers.push_back({20, static_cast<std::size_t>(bought(draw))});
  }
  const ShareSpread said = fit_share_spread(customers);
  EXPECT_NEAR(said.offer, 2, 0.15);
  EXPECT_NEAR(said.full, 6, 0.45);
}

TEST(FitShareSpread, DrawsHardWhereCustomersDoNotDiffer) {
  const std::vector<DiscountCount> customers(200, {10, 4});
  const ShareSpread said = fit_share_spread(customers);
  EXPECT_NEAR(said.offer / (said.offer + said.full), 0.4, 1e-3);
  EXPECT_GT(said.offer + said.full, 1000);
}

TEST(FitShareSpread, RefusesSharesThatCannotDiffer) {
  EXPECT_THROW(fit_share_spread(std::vector<DiscountCount>{{5, 5}}), Error);
  EXPECT_THROW(fit_share_spread(std::vector<DiscountCount>{{5, 0}}), Error);
}

// Ann buys on offer, bob does not, each four times; bob's last on day 9.
events::LogBuilder ann_and_bob(float none) {
  events::LogBuilder out;
  for (int i = 0; i < 4; ++i) {
    const Millis day{(i < 3 ? i : 9) * events::kDayMs};
    out.add("ann", "a", day, "purchase", 3).with("Retail_Disc", 0.5F);
    out.add("bob", "a", day, "purchase", 3).with("Retail_Disc", none);
  }
  return out;
}

std::optional<DiscountFit> fitted(const events::Log& log,
                                  const std::vector<std::string>& said = {},
                                  Millis until = kEver) {
  return fit_discounts(log, until, "purchase", said);
}

TEST(FitDiscounts, FindsColumnsThatArePlainlyNamed) {
  const auto said = fitted(ann_and_bob(0).build());
  ASSERT_TRUE(said);
  EXPECT_EQ(said->source.columns, std::vector<std::string>{"Retail_Disc"});
  EXPECT_FALSE(said->source.empty_is_none);
  EXPECT_EQ(said->all.purchases, 8U);
  EXPECT_EQ(said->all.discounted, 4U);
  EXPECT_NEAR(said->spread.offer, said->spread.full, 1e-3);
}

TEST(FitDiscounts, TakesEmptyForNoneWhereNothingIsZero) {
  const auto said =
      fitted(ann_and_bob(std::numeric_limits<float>::quiet_NaN()).build());
  ASSERT_TRUE(said);
  EXPECT_TRUE(said->source.empty_is_none);
  EXPECT_EQ(said->all.purchases, 8U);
}

TEST(FitDiscounts, ReadsNothingAtOrAfterTheTime) {
  const auto said =
      fitted(ann_and_bob(0).build(), {}, Millis{9 * events::kDayMs});
  EXPECT_EQ(said->all.purchases, 6U);
}

TEST(FitDiscounts, SaysNothingWhereThereIsNoSuchColumn) {
  events::LogBuilder builder;
  builder.add("ann", "a", Millis{1}, "purchase").with("weight", 1.0F);
  builder.add("ann", "a", Millis{2}, "purchase").with("weight", 0.0F);
  EXPECT_FALSE(fitted(builder.build()));
  EXPECT_TRUE(fitted(builder.build(), {"weight"}));
  EXPECT_FALSE(fitted(ann_and_bob(0).build(), {"none"}));
}

TEST(FitDiscounts, RefusesWhatCannotBeLearntFrom) {
  auto builder = ann_and_bob(0);
  builder.add("bob", "a", Millis{5}, "purchase").with("shop", "York");
  const auto log = builder.build();
  EXPECT_THROW(fitted(log, {"off"}), Error);
  EXPECT_THROW(fitted(log, {"shop"}), Error);
  EXPECT_THROW(fitted(ann_and_bob(1).build(), {"Retail_Disc"}), Error);
  EXPECT_FALSE(fitted(ann_and_bob(1).build()));
}

}  // namespace
}  // namespace ensue::classic
