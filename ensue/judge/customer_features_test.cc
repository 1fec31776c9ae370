// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/customer_features.h"

#include <gtest/gtest.h>

#include <memory>

#include "ensue/models/catalog.h"
#include "ensue/runtime/testing.h"

namespace ensue::judge {
namespace {

using events::Millis;

constexpr std::int64_t kDay = events::kDayMs;

TEST(CustomerFeatures, SequenceColumnsOfAllAreThoseOfEach) {
  events::LogBuilder builder;
  for (int u = 0; u < 200; ++u) {
    for (int i = 0; i < u % 7 + 1; ++i) {
      builder.add("u" + std::to_string(u), "item" + std::to_string(u * i % 9),
                  Millis{(i * (u % 3 + 1)) * kDay}, "action0");
    }
  }
  const events::Log log = builder.build();
  artifact::ModelSpec spec =
      models::models().find("gru").build({{"width", 8}, {"hidden", Json({8})}});
  spec.heads.push_back(runtime::testing::block(
      "label", artifact::LabelConfig{.task = "t", .width = 8}));
  const auto engine = std::make_shared<const runtime::Engine>(
      runtime::testing::random_artifact(spec, 9, 1));
  const tasks::SequenceColumns columns(
      engine, "t", {log.item_names(), log.action_names(), log.context()});
  std::vector<data::AsOf> pairs;
  for (std::uint32_t u = 0; u < 200; ++u) {
    pairs.push_back({events::UserId{u}, Millis{3 * kDay}});
    pairs.push_back({events::UserId{u}, Millis{9 * kDay}});
  }
  const events::Table table = sequence_table(log, columns, pairs);
  ASSERT_EQ(table.rows(), pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto wanted =
        columns.values(log.history(pairs[i].user), pairs[i].time);
    for (std::size_t c = 0; c < wanted.size(); ++c) {
      ASSERT_EQ(table.columns[c].number(i), wanted[c]) << "row " << i;
    }
  }
}

TEST(CustomerFeatures, ColumnsAreAppendedInTheirOrder) {
  events::Table table, more;
  table.columns = {{"a", std::vector<double>{1, 2}}};
  more.columns = {{"b", std::vector<double>{3, 4}},
                  {"c", std::vector<double>{5, 6}}};
  append_columns(table, more);
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_EQ(table.columns[2].name, "c");
  EXPECT_EQ(table.columns[1].number(1), 4);
}

}  // namespace
}  // namespace ensue::judge
