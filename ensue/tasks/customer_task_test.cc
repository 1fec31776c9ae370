// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/customer_task.h"

#include <gtest/gtest.h>

#include <string>

#include "ensue/base/error.h"
#include "ensue/events/log.h"

namespace ensue::tasks {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;

// ann views on day 0, buys a cup and a plate at once on day 10, a cup on day
// 20; bob only looks; eve buys on day 30 for the first time.
events::Log log() {
  events::LogBuilder out;
  out.add("ann", "cup", Millis{0}, "view")
      .add("ann", "cup", Millis{10 * kDay}, "buy", 3)
      .add("ann", "plate", Millis{10 * kDay}, "buy", 4)
      .add("ann", "cup", Millis{20 * kDay}, "buy", 5)
      .add("bob", "cup", Millis{5 * kDay}, "view")
      .add("eve", "plate", Millis{30 * kDay}, "buy", 6);
  events::Log log = out.build();
  events::Table table;
  std::vector<std::string> title(log.items());
  title[*log.item_names().find("cup")] = "Red CHRISTMAS cup";
  title[*log.item_names().find("plate")] = "Christmassy plate";
  table.columns = {{"title", title}};
  log.set_item_table(table);
  return log;
}

CustomerTaskOptions asked(const std::string& name, int days = 15) {
  CustomerTaskOptions out;
  out.name = name;
  out.horizon_days = days;
  out.action = "buy";
  return out;
}

std::optional<double> label(const CustomerTaskOptions& options,
                            const std::string& user, std::int64_t day) {
  static const events::Log all = log();
  const CustomerLabel task(options, features::names_of(all), all.item_names());
  const events::UserId id{*all.user_names().find(user)};
  return task.of(all.history(id), Millis{day * kDay});
}

std::string refusal(const CustomerTaskOptions& options) {
  try {
    label(options, "ann", 11);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(CustomerTask, OnlyCustomersAreAsked) {
  EXPECT_FALSE(label(asked("retention"), "bob", 11).has_value());
  EXPECT_FALSE(label(asked("retention"), "ann", 10).has_value());  // not yet
  EXPECT_TRUE(label(asked("retention"), "ann", 11).has_value());
  EXPECT_FALSE(label(asked("value"), "eve", 30).has_value());
}

TEST(CustomerTask, TheHorizonBeginsAtTheInstantAndEndsBeforeItsEnd) {
  EXPECT_EQ(label(asked("retention", 9), "ann", 11), 0);   // days 11 to 19
  EXPECT_EQ(label(asked("retention", 10), "ann", 11), 1);  // day 20 with them
  EXPECT_EQ(label(asked("retention", 1), "ann", 20), 1);
  EXPECT_EQ(label(asked("retention", 90), "ann", 21), 0);
}

TEST(CustomerTask, WhatIsBoughtAtOnceIsOnePurchase) {
  auto options = asked("purchases", 40);
  options.action = "";
  EXPECT_EQ(label(options, "ann", 1), 2);  // of any events: day 10 and day 20
  EXPECT_EQ(label(asked("purchases"), "ann", 11), 1);
}

TEST(CustomerTask, ValueAddsTheMoneyOfTheHorizon) {
  auto options = asked("value", 11);
  options.action = "";
  EXPECT_EQ(label(options, "ann", 1), 7);  // 3 + 4; day 20 lies behind
  EXPECT_EQ(label(asked("value"), "ann", 11), 5);
  EXPECT_EQ(label(asked("value"), "ann", 21), 0);
}

TEST(CustomerTask, PropensityLooksAtTheItemsMeant) {
  const auto of = [](const std::string& items) {
    auto options = asked("propensity");
    options.items = items;
    return options;
  };
  EXPECT_EQ(label(of("item=cup"), "ann", 11), 1);
  EXPECT_EQ(label(of("item=plate"), "ann", 11), 0);
  EXPECT_EQ(label(of("title~christmas"), "ann", 11), 1);
  EXPECT_EQ(label(of("title~CHRISTMASSY"), "ann", 11), 0);
  EXPECT_EQ(label(of("title=Red CHRISTMAS cup"), "ann", 11), 1);
  EXPECT_NE(refusal(of("title~christ")).find("true of no item"),
            std::string::npos);
  EXPECT_NE(refusal(of("price=3")).find("no column 'price'"),
            std::string::npos);
  EXPECT_NE(refusal(of("item=spoon")).find("unknown item 'spoon'"),
            std::string::npos);
  EXPECT_NE(refusal(of("")).find("task.items: empty"), std::string::npos);
}

TEST(CustomerTask, OptionsAreRefusedInOneLine) {
  EXPECT_NE(refusal(asked("churnometer")).find("known: retention"),
            std::string::npos);
  EXPECT_NE(refusal(asked("retention", 0)).find("horizon_days: 0"),
            std::string::npos);
  auto options = asked("retention");
  options.action = "steal";
  EXPECT_NE(refusal(options).find("'steal'"), std::string::npos);
  options = asked("value");
  options.amount = "title";
  EXPECT_NE(refusal(options).find("expected numbers"), std::string::npos);
}

}  // namespace
}  // namespace ensue::tasks
