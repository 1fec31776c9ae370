// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/market_text.h"

#include <gtest/gtest.h>

namespace ensue::apps {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

data::Market market() {
  data::Market out;
  out.action = "purchase";
  out.by = "kind";
  out.bought = 40, out.earlier = 10, out.now = 20;
  out.first = events::Millis{0};
  out.weeks = {1, 2, 3};
  out.growing = {{"new mug", 8, 0, 8, 0, 0.4, 3.5}};
  out.categories = {{"cups", 30, 8, 10, 0.8, 0.4, -1.2}};
  out.hours = {{"09:00", 40, "cups", 1.5}, {"10:00", 0, "", 0}};
  return out;
}

TEST(MarketText, ShowsSharesAndHowFarTheyMoved) {
  const std::string text = market_text(market());
  EXPECT_TRUE(has(text, "40 × purchase from 1970-01-01"));
  EXPECT_TRUE(has(text, "-50 %")) << text;  // from .8 to .4
  EXPECT_TRUE(has(text, "new mug"));
  EXPECT_TRUE(has(text, "nothing by more than chance"));
}

TEST(MarketText, LeavesOutHoursWithoutSalesAndAbsentPromotions) {
  const std::string text = market_text(market());
  EXPECT_TRUE(has(text, "09:00"));
  EXPECT_FALSE(has(text, "10:00"));
  EXPECT_FALSE(has(text, "mean value"));
}

}  // namespace
}  // namespace ensue::apps
