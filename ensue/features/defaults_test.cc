// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/defaults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ensue/features/live.h"

namespace ensue::features {
namespace {

using events::LogBuilder, events::Millis;

const Definition* find(const std::vector<Definition>& list,
                       std::string_view name) {
  const auto it = std::find_if(list.begin(), list.end(),
                               [&](const auto& d) { return d.name == name; });
  return it == list.end() ? nullptr : &*it;
}

events::Log shop() {
  LogBuilder log;
  const char* const actions[] = {"view", "view", "cart", "purchase"};
  for (int i = 0; i < 400; ++i) {
    const std::string user = "u" + std::to_string(i % 23);
    const std::string item = "i" + std::to_string(i % 10);
    const char* action = actions[i % 4];
    log.add(user, item, Millis{i * events::kDayMs / 2}, action,
            i % 4 == 3 ? static_cast<float>(i % 7) : 1)
        .with("device", i % 3 == 0 ? "phone" : "desk")
        .with("price", static_cast<float>(i % 10));
  }
  return log.build();
}

TEST(Defaults, CoverTheActionsColumnsAndStepsOfALog) {
  const auto list = default_definitions(shop());
  for (const char* name :
       {"recency", "count_30d", "view_count_7d", "view_to_cart",
        "cart_to_purchase_30d", "purchase_instants_365d", "purchase_value_sum",
        "purchase_overdue", "item_distinct", "device_share_phone",
        "price_above", "hours_night", "weekend", "rfm_recency"}) {
    EXPECT_NE(find(list, name), nullptr) << name;
  }
  EXPECT_EQ(find(list, "view_to_click"), nullptr);
  EXPECT_EQ(find(list, "price_above")->low, 5);
}

TEST(Defaults, HaveDistinctNamesAndCanBeComputed) {
  const events::Log log = shop();
  const auto list = default_definitions(log);
  std::set<std::string> names;
  for (const Definition& d : list) {
    EXPECT_TRUE(names.insert(d.name).second) << d.name;
  }
  const Live live(list, names_of(log));
  EXPECT_EQ(live.values(log.history(events::UserId{0}), Millis{1}).size(),
            list.size());
}

TEST(Defaults, WithoutAClockNothingIsSaidOfDays) {
  events::Schema schema;
  schema.has_clock = false;
  LogBuilder log(schema);
  for (int i = 0; i < 50; ++i) log.add("u", "i", Millis{i});
  for (const Definition& d : default_definitions(log.build())) {
    EXPECT_EQ(d.window_days, 0) << d.name;
    EXPECT_NE(d.kind, "recency");
    EXPECT_NE(d.kind, "hours");
  }
}

TEST(Defaults, WhatComesLaterHasNoSay) {
  LogBuilder log;
  for (int i = 0; i < 20; ++i) log.add("u", "i", Millis{i}, "view");
  for (int i = 0; i < 90; ++i) log.add("u", "i", Millis{1000 + i}, "purchase");
  EXPECT_EQ(main_action(log.build(), Millis{1000}), "view");
  EXPECT_EQ(main_action(log.build()), "purchase");
  const auto list = default_definitions(log.build(), {.until = Millis{1000}});
  EXPECT_EQ(find(list, "purchase_count"), nullptr);
}

TEST(Defaults, FifthsPartTheUsers) {
  LogBuilder log;
  for (int u = 1; u <= 10; ++u) {
    for (int i = 0; i < u; ++i)
      log.add("u" + std::to_string(u), "i", Millis{i});
  }
  const auto edges =
      fifths(log.build(), {.name = "n", .kind = "count"}, Millis{1000});
  EXPECT_EQ(edges, (std::vector<double>{3, 5, 7, 9}));
}

}  // namespace
}  // namespace ensue::features
