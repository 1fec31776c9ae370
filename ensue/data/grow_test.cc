// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/grow.h"

#include <gtest/gtest.h>

#include <map>

#include "ensue/data/dataset.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

// Events as "user item action time value", in the order of their places.
std::vector<std::string> rows_of(const events::Log& log) {
  std::map<std::uint64_t, std::string> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) {
      std::string row(log.user_names().name(u));
      row += history.items[i] == events::kNoItem
                 ? " -"
                 : " " + std::string(
                             log.item_names().name(index(history.items[i])));
      row +=
          " " + std::string(log.action_names().name(index(history.actions[i])));
      row += " " + std::to_string(count(history.times[i]));
      out[log.seqs(events::UserId{u})[i]] = row;
    }
  }
  std::vector<std::string> rows;
  for (const auto& [seq, row] : out) rows.push_back(row);
  return rows;
}

class GrowTest : public testing::Test {
 protected:
  void SetUp() override {
    ImportRequest base =
        request(folder_,
                folder_.write("a.csv",
                              "user,item,time,action,value,device\n"
                              "ann,mug,1700000000,view,,phone\n"
                              "bob,bowl,1700000001,buy,9.5,desk\n"
                              "ann,bowl,1700000002,view,,phone\n"),
                "user,item,time,action,value");
    base.columns.context = {"device"};
    base.source.items = folder_.write("items.csv", "id,price\nmug,5\nbowl,7\n");
    base_ = import_log(base).dataset.string();
  }

  Grown grow(const std::vector<std::string>& files) {
    GrowRequest out{.base = base_, .events = {}, .dataset = folder_ / "grown"};
    for (std::size_t k = 0; k < files.size(); ++k) {
      out.events.emplace_back(
          folder_.write("events-" + std::to_string(k) + ".jsonl", files[k]));
    }
    return grow_dataset(out);
  }
  events::Log log() { return Dataset::open(folder_ / "grown").log(); }

  TestFolder folder_;
  std::string base_;
};

TEST_F(GrowTest, EventsOfFilesStandBehindTheBaseInOrderOfArrival) {
  const Grown grown = grow(
      {R"({"user":"cid","item":"jug","time":1700000005000,"action":"view"}
{"user":"ann","item":"jug","time":1699999999000,"action":"buy","value":2}
)",
       R"({"user":"bob","time":1700000009000,"action":"search","text":"red"}
)"});
  EXPECT_EQ(grown.first, (std::vector<std::uint64_t>{3, 5, 6}));
  EXPECT_EQ(grown.known, 0U);
  EXPECT_EQ(rows_of(log()),
            (std::vector<std::string>{
                "ann mug view 1700000000000", "bob bowl buy 1700000001000",
                "ann bowl view 1700000002000", "cid jug view 1700000005000",
                "ann jug buy 1699999999000", "bob - search 1700000009000"}));
}

TEST_F(GrowTest, ContextAndItemTableAreKeptAndNewItemsKnowNothing) {
  grow({R"({"user":"ann","item":"jug","time":1700000005000,"device":"watch"}
)"});
  const events::Log grown = log();
  ASSERT_EQ(grown.schema().context, std::vector<std::string>{"device"});
  EXPECT_EQ(grown.context()[0].values.size(), 3U);  // phone, desk, watch
  ASSERT_EQ(grown.item_table().columns.size(), 1U);
  const auto& price =
      std::get<std::vector<double>>(grown.item_table().columns[0].cells);
  EXPECT_EQ(price[*grown.item_names().find("bowl")], 7);
  EXPECT_TRUE(std::isnan(price[*grown.item_names().find("jug")]));
}

TEST_F(GrowTest, OneEventIdIsOneEventOverAllFiles) {
  const std::string same =
      R"({"user":"ann","item":"mug","time":1700000010000,"event_id":"1"}
)";
  grow({same,
        same +
            R"({"user":"ann","item":"mug","time":1700000011000,"event_id":"2"}
)"});
  EXPECT_EQ(log().size(), 5U);
}

TEST_F(GrowTest, WhatTheBaseHasAlreadyCountsOnce) {
  const Grown grown = grow(
      {R"({"user":"bob","item":"bowl","time":1700000001000,"action":"buy","value":9.5,"event_id":"x"}
{"user":"bob","item":"bowl","time":1700000001000,"action":"view"}
)"});
  EXPECT_EQ(grown.known, 1U);
  EXPECT_EQ(grown.first, (std::vector<std::uint64_t>{3, 4}));
  EXPECT_EQ(log().size(), 4U);
}

TEST_F(GrowTest, WithoutFilesItIsTheBase) {
  grow({});
  EXPECT_EQ(rows_of(log()), rows_of(Dataset::open(base_).log()));
}

TEST_F(GrowTest, ABaseWithoutAClockIsRefused) {
  ImportRequest ordered = request(
      folder_, folder_.write("o.csv", "user,item\na,x\na,y\n"), "user,item");
  ordered.source.dataset = base_ = folder_ / "ordered";
  import_log(ordered);
  EXPECT_NE(error_of([&] { grow({}); }).find("invalid"), std::string::npos);
}

}  // namespace
}  // namespace ensue::data
