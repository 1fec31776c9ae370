// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/behaviour.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ensue/events/log.h"

namespace ensue::runtime {
namespace {

using events::Millis;

std::map<std::string, double> measured(const events::Log& log, Millis now) {
  const Behaviour behaviour(log.action_names(), log.schema().has_clock);
  std::vector<double> row(behaviour.names().size());
  behaviour.measure(log.history(events::UserId{0}), now, row);
  std::map<std::string, double> out;
  for (std::size_t c = 0; c < row.size(); ++c) {
    out[behaviour.names()[c]] = row[c];
  }
  return out;
}

TEST(Behaviour, CountsByHand) {
  const std::int64_t noon = 12 * events::kHourMs, day = events::kDayMs;
  events::LogBuilder builder;
  builder.add("u", "a", Millis{noon}, "view", 8);
  builder.add("u", "b", Millis{noon + 60'000}, "view", 4);
  builder.add("u", "b", Millis{noon + 70'000}, "purchase", 4);
  builder.add("u", "a", Millis{10 * day + 1}, "view");  // at midnight
  const auto row = measured(builder.build(), Millis{20 * day + noon});
  const std::map<std::string, double> expected = {
      {"events", 4},
      {"items", 2},
      {"new_item_share", 0.5},
      {"purchases", 1},
      {"spend", 4},
      {"price", 16.0 / 3},
      {"share_view", 0.75},
      {"share_purchase", 0.25},
      {"age_days", 20},
      {"sessions", 2},
      {"sessions_per_month", 2 / 20.0 * 30.4},
      {"events_per_session", 2},
      {"gap_seconds", 60},
      {"night_share", 0.25}};
  for (const auto& [name, value] : expected) {
    EXPECT_NEAR(row.at(name), value, 1e-9) << name;
  }
  EXPECT_NEAR(row.at("recency_days"), 10.5, 1e-6);
}

TEST(Behaviour, SaysNothingOfWhatIsUnknown) {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{5}, "view");
  const auto row = measured(builder.build(), Millis{5});
  EXPECT_TRUE(std::isnan(row.at("gap_seconds")));
  EXPECT_TRUE(std::isnan(row.at("price")));
  EXPECT_EQ(row.at("recency_days"), 0);
}

TEST(Behaviour, ALogOfOneActionHoldsPurchases) {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{5}, "order", 3)
      .add("u", "a", Millis{6}, "order");
  const auto row = measured(builder.build(), Millis{7});
  EXPECT_EQ(row.at("purchases"), 2);
  EXPECT_EQ(row.at("spend"), 3);
}

}  // namespace
}  // namespace ensue::runtime
