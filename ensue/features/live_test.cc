// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/live.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/events/log.h"

namespace ensue::features {
namespace {

using events::Log, events::LogBuilder, events::Millis, events::UserId;

constexpr std::int64_t kDay = events::kDayMs;
// Friday, 4 October 2024, 00:00 UTC.
constexpr std::int64_t kStart = 20'000 * kDay;

Millis at(double days) {
  return Millis{kStart + static_cast<std::int64_t>(days * double{kDay})};
}

// One user: two views and a cart on day 0, a purchase of two lines on day 2,
// another purchase on day 8.
Log small() {
  LogBuilder log;
  log.add("u", "mug", at(0), "view").with("price", 5.0F);
  log.add("u", "pan", at(0.01), "view").with("price", 20.0F);
  log.add("u", "mug", at(0.5), "cart").with("price", 5.0F);
  log.add("u", "mug", at(2), "purchase", 2).with("price", 5.0F);
  log.add("u", "pan", at(2), "purchase", 1).with("price", 20.0F);
  log.add("u", "mug", at(8), "purchase", 3).with("price", 5.0F);
  Log out = log.build();
  events::Table items;
  items.columns = {{"category", std::vector<std::string>{"cups", "pans"}}};
  out.set_item_table(items);
  return out;
}

double value(const Log& log, Definition d, Millis time) {
  if (d.name.empty()) d.name = "f";
  return Live(std::span(&d, 1), names_of(log))
      .values(log.history(UserId{0}), time)[0];
}

double value(Definition d, double day = 10) {
  return value(small(), std::move(d), at(day));
}

TEST(Live, CountsAgeAndRecencyOfEachAction) {
  EXPECT_EQ(value({.kind = "count"}), 6);
  EXPECT_EQ(value({.kind = "count", .action = "view"}), 2);
  EXPECT_EQ(value({.kind = "count", .action = "never seen"}), 0);
  EXPECT_EQ(value({.kind = "recency"}), 2);
  EXPECT_EQ(value({.kind = "recency", .action = "cart"}), 9.5);
  EXPECT_EQ(value({.kind = "age", .action = "purchase"}), 8);
  EXPECT_TRUE(std::isnan(value({.kind = "recency", .action = "return"})));
}

TEST(Live, AnEventAtTheInstantItselfDoesNotCount) {
  EXPECT_EQ(value({.kind = "count"}, 8), 5);
  EXPECT_EQ(value(small(), {.kind = "count"}, Millis{count(at(8)) + 1}), 6);
  EXPECT_EQ(value({.kind = "count"}, 0), 0);
}

TEST(Live, AWindowHoldsItsFarEnd) {
  const Definition d = {
      .kind = "count", .action = "purchase", .window_days = 8};
  EXPECT_EQ(value(d, 10), 3);  // day 2 is exactly 8 days ago
  EXPECT_EQ(value(small(), d, Millis{count(at(10)) + 1}), 1);
}

TEST(Live, LinesOfOneInstantAreOneBasket) {
  EXPECT_EQ(value({.kind = "instants", .action = "purchase"}), 2);
  EXPECT_EQ(value({.kind = "days_active"}), 3);
  EXPECT_EQ(value({.kind = "gap_mean", .action = "purchase"}), 6);
  EXPECT_DOUBLE_EQ(value({.kind = "overdue", .action = "purchase"}), 2 / 6.0);
  EXPECT_DOUBLE_EQ(value({.kind = "pace", .action = "purchase"}), 2 / 8.0);
  EXPECT_TRUE(std::isnan(value({.kind = "gap_mean"}, 0.001)));
}

TEST(Live, DeviationOfGapsIsThatOfTheWholePopulation) {
  // Gaps of all instants: .01, .49, 1.5, 6 days.
  const double mean = 2, squares = 1.99 * 1.99 + 1.51 * 1.51 + .5 * .5 + 16;
  EXPECT_NEAR(value({.kind = "gap_mean"}), mean, 1e-12);
  EXPECT_NEAR(value({.kind = "gap_deviation"}), std::sqrt(squares / 4), 1e-12);
}

TEST(Live, NumbersOfColumnsAndTheirProducts) {
  const Definition value_of = {.action = "purchase", .column = "value"};
  Definition d = value_of;
  d.kind = "sum";
  EXPECT_EQ(value(d), 6);
  d.column = "value*price";
  EXPECT_EQ(value(d), 2 * 5 + 1 * 20 + 3 * 5);
  d.kind = "mean";
  EXPECT_EQ(value(d), 15);
  d.kind = "largest";
  EXPECT_EQ(value(d), 20);
  d = {.kind = "above", .action = "purchase", .column = "price", .low = 5};
  EXPECT_DOUBLE_EQ(value(d), 1 / 3.0);
  EXPECT_EQ(value({.kind = "sum", .action = "view", .column = "value"}), 0);
  EXPECT_TRUE(
      std::isnan(value({.kind = "mean", .action = "view", .column = "value"})));
}

TEST(Live, RatesAndTrends) {
  EXPECT_EQ(value({.kind = "rate", .action = "view", .other = "cart"}), 0.5);
  EXPECT_TRUE(
      std::isnan(value({.kind = "rate", .action = "return", .other = "cart"})));
  // Of the last 5 days 1 event, of the 5 before the other 5.
  EXPECT_DOUBLE_EQ(value({.kind = "trend", .window_days = 5}, 9.5), -4 / 6.0);
  EXPECT_EQ(value({.kind = "year_ago", .window_days = 5}, 366), 3 - 1);
}

TEST(Live, SessionsEndWhereHalfAnHourIsSilent) {
  // Views at 0:00 and 0:14, then alone each.
  EXPECT_EQ(value({.kind = "sessions"}), 4);
  EXPECT_EQ(value({.kind = "session_events"}), 6 / 4.0);
  EXPECT_NEAR(value({.kind = "dwell"}), 864, 1e-9);
  EXPECT_NEAR(value({.kind = "mean_dwell"}), 864 / 2.0, 1e-9);  // basket: 0 s
  EXPECT_NEAR(value({.kind = "dwell", .action = "view"}, 0.012), 864, 1e-9);
  EXPECT_EQ(value({.kind = "dwell", .action = "view"}, 0.01), 0);
}

TEST(Live, AnOpenSessionIsWhatTheNextEventWouldBelongTo) {
  // Views at 0:00 and 0:14; asked half an hour after them, then a minute on.
  const double open = 0.01 + 30.0 / 1440, over = open + 1.0 / 1440;
  EXPECT_EQ(value({.kind = "open_count"}, open), 2);
  EXPECT_EQ(value({.kind = "open_count"}, over), 0);
  EXPECT_EQ(value({.kind = "open_count", .action = "view"}, open), 2);
  EXPECT_EQ(value({.kind = "open_count", .action = "cart"}, open), 0);
  EXPECT_NEAR(value({.kind = "open_minutes"}, open), 14.4, 1e-9);
  EXPECT_EQ(value({.kind = "open_distinct", .column = "item"}, open), 2);
  EXPECT_EQ(value({.kind = "open_sum", .column = "price"}, open), 25);
  EXPECT_EQ(value({.kind = "open_sum", .column = "price"}, over), 0);
  EXPECT_EQ(value({.kind = "open_count"}, 2.001), 2);  // not the views
  EXPECT_EQ(value({.kind = "open_distinct", .column = "category"}, 8.001), 1);
}

TEST(Live, HoursWeekdaysAndTheCalendar) {
  EXPECT_DOUBLE_EQ(value({.kind = "hours", .low = 12, .high = 13}), 1 / 6.0);
  // Day 2 is a Sunday, day 8 a Saturday.
  EXPECT_DOUBLE_EQ(value({.kind = "weekdays", .low = 5, .high = 7}), 3 / 6.0);
  EXPECT_EQ(value({.kind = "calendar", .column = "weekday"}, 0), 4);
  EXPECT_EQ(value({.kind = "calendar", .column = "hour"}, 0.5), 12);
  EXPECT_EQ(value({.kind = "calendar", .column = "month"}, 0), 10);
  EXPECT_EQ(value({.kind = "calendar", .column = "day_of_year"}, 0), 278);
}

TEST(Live, DiversityOfColumns) {
  EXPECT_EQ(value({.kind = "distinct", .column = "item"}), 2);
  EXPECT_EQ(value({.kind = "distinct", .window_days = 3, .column = "item"}), 1);
  EXPECT_DOUBLE_EQ(value({.kind = "top_share", .column = "category"}), 4 / 6.0);
  const double p = 4 / 6.0;
  EXPECT_NEAR(value({.kind = "entropy", .column = "category"}),
              -p * std::log(p) - (1 - p) * std::log(1 - p), 1e-12);
  EXPECT_DOUBLE_EQ(
      value({.kind = "share", .column = "category", .value = "pans"}), 2 / 6.0);
  EXPECT_EQ(value({.kind = "share", .column = "category", .value = "none"}), 0);
  EXPECT_EQ(value({.kind = "distinct", .column = "price"}), 2);
  EXPECT_DOUBLE_EQ(value({.kind = "share", .column = "price", .value = "20"}),
                   2 / 6.0);
}

TEST(Live, EdgesMakeAScore) {
  const Definition d = {.kind = "count", .edges = {1, 6, 9}};
  EXPECT_EQ(value(d), 2);  // 6 is above 1, not above 6
  EXPECT_EQ(value(d, 0), 1);
  EXPECT_TRUE(
      std::isnan(value({.kind = "recency", .action = "x", .edges = {1}})));
}

TEST(Live, WithoutEventsCountsAreZeroAndTheRestIsUnknown) {
  for (const Kind& kind : kinds().all()) {
    Definition d = {.kind = std::string(kind.name)};
    if (kind.other) d.action = "view", d.other = "cart";
    if (kind.window == Kind::Window::kNeeded) d.window_days = 7;
    if (kind.column == Wants::kNumber) d.column = "price";
    if (kind.column == Wants::kCategory) d.column = "item";
    if (kind.column == Wants::kCalendar) continue;
    const double number = value(d, 0);
    EXPECT_TRUE(number == 0 || std::isnan(number)) << kind.name;
  }
}

std::string refusal(Definition d) {
  try {
    value(std::move(d));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Live, RefusesWhatAKindCannotUseInOneLine) {
  EXPECT_EQ(refusal({.name = "f", .kind = "sum", .column = "category"}),
            "feature 'f' of kind sum: column 'category' holds text, expected "
            "numbers");
  EXPECT_EQ(refusal({.name = "f", .kind = "sum", .column = "colour"}),
            "unknown column 'colour'; known: item, value, price, category");
  EXPECT_EQ(refusal({.name = "f", .kind = "trend"}),
            "feature 'f' of kind trend: needs window_days above 0");
  EXPECT_EQ(refusal({.name = "f", .kind = "rate", .action = "view"}),
            "feature 'f' of kind rate: needs `other`");
  EXPECT_EQ(refusal({.name = "f", .kind = "sessions", .action = "view"}),
            "feature 'f' of kind sessions: is of all events, action 'view' "
            "given");
  EXPECT_NE(refusal({.name = "f", .kind = "nonsense"}).find("known: recency"),
            std::string::npos);
}

}  // namespace
}  // namespace ensue::features
