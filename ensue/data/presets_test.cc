// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/presets.h"

#include <gtest/gtest.h>

#include "ensue/base/fields.h"
#include "ensue/data/dataset.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

// Imports as the program does: recognised layout, preset's defaults.
ImportRequest recognised(const TestFolder& folder,
                         const std::vector<std::string>& files) {
  ImportRequest out;
  out.source.files = files;
  out.source.dataset = folder / "dataset";
  const Preset* preset = recognise(look_at(files[0]));
  if (preset == nullptr) {
    ADD_FAILURE() << files[0] << " is not recognised";
    return out;
  }
  out.source.preset = preset->name;
  const JsonObject defaults = preset->defaults();
  if (const Json* found = defaults.if_contains("columns")) {
    read_fields(out.columns, found->get_object(), preset->name);
  }
  if (const Json* found = defaults.if_contains("clean")) {
    read_fields(out.clean, found->get_object(), preset->name);
  }
  return out;
}

std::string names(const events::Log& log, std::string_view user) {
  std::string out;
  const auto id = log.user_names().find(user);
  if (!id) return "nobody";
  const auto history = log.history(events::UserId{*id});
  for (std::size_t i = 0; i < history.size(); ++i) {
    out += (i > 0 ? " " : "") +
           std::string(log.item_names().name(index(history.items[i])));
  }
  return out;
}

events::Log imported(const TestFolder& folder, const std::string& name,
                     const std::string& text) {
  return Dataset::open(
             import_log(recognised(folder, {folder.write(name, text)})).dataset)
      .log();
}

TEST(Presets, AllHaveASummaryAndAQuery) {
  for (const Preset& preset : presets().all()) {
    EXPECT_FALSE(preset.value("summary").empty()) << preset.name;
    EXPECT_NE(preset.events_sql().find("SELECT"), std::string_view::npos)
        << preset.name;
    EXPECT_TRUE(preset.defaults().contains("split")) << preset.name;
  }
}

TEST(Presets, SasrecTextHasAnOrderAndNoClock) {
  const TestFolder folder;
  const auto log = imported(folder, "a.txt", "1 5\n1 3\n2 5\n2 9\n1 4\n");
  EXPECT_EQ(names(log, "1"), "5 3 4");
  EXPECT_FALSE(log.schema().has_clock);
  EXPECT_TRUE(log.schema().order_within_instant);
}

TEST(Presets, MovielensOrderedSortsByPlaceInTime) {
  const TestFolder folder;
  const auto log = imported(folder, "a.csv",
                            "user_id,movie_id,rating,pos,sas_user,sas_item\n"
                            "1,30,4,1,9,9\n1,20,5,0,9,9\n2,30,1,0,9,9\n");
  EXPECT_EQ(names(log, "1"), "20 30");
  EXPECT_FALSE(log.schema().has_clock);
  EXPECT_EQ(log.columns().values[0], 5);
}

TEST(Presets, MovielensReadsTitlesBesideTheRatings) {
  const TestFolder folder;
  folder.write("movies.dat", "20::Am\xe9lie (2001)::Comedy|Romance\n");
  const auto log =
      imported(folder, "a.csv",
               "user_id,movie_id,rating,pos,sas_user,sas_item\n1,20,5,0,9,9\n");
  ASSERT_NE(log.item_table().find("title"), nullptr);
  EXPECT_EQ(log.item_table().find("title")->text(0), "Amélie");
  EXPECT_EQ(log.item_table().find("year")->number(0), 2001);
}

TEST(Presets, RecboleAtomicReadsItemsBesideTheInteractions) {
  const TestFolder folder;
  folder.write("a.item",
               "item_id:token\tmovie_title:token_seq\n"
               "5\tThe \"Best\" of 5\n6\tSix\n");
  const auto log =
      imported(folder, "a.inter",
               "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
               "1\t5\t4\t1700000000\n1\t6\t3\t1600000000\n");
  EXPECT_EQ(names(log, "1"), "6 5");
  ASSERT_FALSE(log.item_table().columns.empty());
  EXPECT_EQ(log.item_table().columns[0].text(1), "The \"Best\" of 5");
}

TEST(Presets, UserItemDayKeepsTheOrderOfADay) {
  const TestFolder folder;
  const auto log =
      imported(folder, "a.csv",
               "user_id,item_id,timestamp\n1,7,1318896000\n1,6,1318896000\n"
               "1,5,1318809600\n");
  EXPECT_EQ(names(log, "1"), "5 7 6");
  EXPECT_TRUE(log.schema().has_clock);
  EXPECT_TRUE(log.schema().order_within_instant);
}

TEST(Presets, SessionLinesReadTestSessionsLast) {
  const TestFolder folder;
  const auto test = folder.write("a_test.txt", "1 2 2\n5 6\n");
  const auto train = folder.write("b_train.txt", "7 8\n1 9 1 3\n");
  const auto log =
      Dataset::open(import_log(recognised(folder, {test, train})).dataset)
          .log();
  EXPECT_EQ(log.users(), 4U);
  EXPECT_EQ(names(log, "1"), "7 8");
  EXPECT_EQ(names(log, "3"), "1 2 2");
  EXPECT_EQ(log.user_names().name(3), "4");  // users in order of their session
  EXPECT_FALSE(log.schema().has_clock);
}

TEST(Presets, OnlineRetailPairsCancellationsAndSetsAside) {
  const TestFolder folder;
  const std::string file = folder.write(
      "a.csv",
      "invoice,stock_code,description,quantity,invoice_time,unit_price,"
      "customer_id,country\n"
      "1,10001,TEA,2,2010-01-04 10:00:00,1.5,7,UK\n"
      "1,10001,TEA,2,2010-01-04 10:00:00,1.5,7,UK\n"
      "1,10002a,CUP,3,2010-01-04 10:00:00,2,7,UK\n"
      "1,POST,POSTAGE,1,2010-01-04 10:00:00,9,7,UK\n"
      "2,10002A,CUP BLUE,1,2010-01-05 10:00:00,2.5,,UK\n"
      "C3,10002A,CUP BLUE,-3,2010-01-06 10:00:00,2,7,UK\n"
      "C4,10001,TEA,-9,2010-01-07 10:00:00,1.5,7,UK\n"
      "5,10001,TEA,1,2010-01-08 10:00:00,0,7,UK\n"
      "6,10003,\"BOX, RED\",1,2010-01-09 10:00:00,4,7,UK\n");
  const auto result = import_log(recognised(folder, {file}));
  const CleaningReport& r = result.report;
  EXPECT_EQ(r.rows, 9U);
  for (const char* rule :
       {"duplicate", "not_a_product", "price", "cancelled", "cancellation",
        "cancellation_unpaired", "no_user"}) {
    EXPECT_EQ(rows_of(r, rule), 1U) << rule;
  }
  EXPECT_EQ(r.kept + r.removed() + r.aside, r.rows);
  const auto log = Dataset::open(result.dataset).log();
  EXPECT_EQ(names(log, "7"), "10001 10003");
  EXPECT_FALSE(log.schema().order_within_instant);
  EXPECT_EQ(log.item_table().find("title")->text(1), "BOX, RED");
  EXPECT_EQ(log.item_table().find("price")->number(1), 4);
}

TEST(Presets, TaobaoNamesItsActions) {
  const TestFolder folder;
  const auto log = imported(folder, "a.csv",
                            "1,11,5,pv,1511658000\n1,12,5,buy,1511658001\n"
                            "2,11,5,fav,1511658002\n2,11,5,cart,1511658003\n");
  EXPECT_EQ(log.action_names().name(0), "view");
  EXPECT_EQ(log.action_names().name(1), "purchase");
  EXPECT_EQ(log.action_names().name(2), "favourite");
  EXPECT_EQ(log.item_table().find("category")->text(0), "5");
}

TEST(Presets, OttoUnfoldsTheEventsOfASession) {
  const TestFolder folder;
  const auto log = imported(
      folder, "a.jsonl",
      R"({"session":9,"events":[{"aid":5,"ts":1659304800025,"type":"clicks"},)"
      R"({"aid":6,"ts":1659304900025,"type":"orders"}]})"
      "\n"
      R"({"session":10,"events":[{"aid":5,"ts":1659304800000,"type":"carts"}]})"
      "\n");
  EXPECT_EQ(names(log, "9"), "5 6");
  EXPECT_EQ(log.size(), 3U);
  EXPECT_EQ(log.action_names().size(), 3U);
  EXPECT_EQ(count(log.columns().times[0]), 1'659'304'800'000);
}

TEST(Presets, CdnowHasPurchasesWithoutItems) {
  const TestFolder folder;
  const auto log =
      imported(folder, "a.csv",
               "customer_id,date,cds,dollars\n1,1997-01-01,1,11.77\n"
               "1,1997-01-12,1,12\n1,1997-01-12,1,12\n");
  EXPECT_EQ(log.size(), 3U);  // equal rows of a day are two purchases
  EXPECT_EQ(log.items(), 0U);
  EXPECT_FLOAT_EQ(log.columns().values[0], 11.77F);
}

TEST(Presets, EshopClothingOrdersTheClicksOfASession) {
  const TestFolder folder;
  const auto log = imported(
      folder, "a.csv",
      "year;month;day;order;country;session ID;page 1 (main category);"
      "page 2 (clothing model);colour;location;model photography;price;"
      "price 2;page\n"
      "2008;4;1;1;29;1;1;A13;1;5;1;28;2;1\n2008;4;1;2;29;1;1;A16;1;6;1;33;2;"
      "1\n");
  EXPECT_EQ(names(log, "1"), "A13 A16");
  EXPECT_EQ(log.item_table().find("price")->number(1), 33);
}

TEST(OnlineRetail, AddsUpToTheRowsOfTheFile) {
  const std::string file =
      shared_data("online-retail-II/online_retail_to_2011-08.csv.zst");
  if (file.empty()) GTEST_SKIP() << "Online Retail II is not there";
  const TestFolder folder;
  const auto result = import_log(recognised(folder, {file}));
  const CleaningReport& r = result.report;
  EXPECT_EQ(r.rows, 823'643U);
  EXPECT_EQ(r.kept + r.removed() + r.aside, r.rows);
  EXPECT_GT(rows_of(r, "no_user"), 100'000U);
  EXPECT_GT(rows_of(r, "cancellation"), 5'000U);
  EXPECT_EQ(rows_of(r, "unreadable") + rows_of(r, "bad_time"), 0U);
}

struct Published {
  std::vector<const char*> files;
  std::size_t events, users, items;
};

class PublishedCounts : public testing::TestWithParam<Published> {};

TEST_P(PublishedCounts, AreReached) {
  const TestFolder folder;
  std::vector<std::string> files;
  for (const char* name : GetParam().files) {
    files.push_back(shared_data(name));
    if (files.back().empty()) GTEST_SKIP() << name << " is not there";
  }
  const auto log =
      Dataset::open(import_log(recognised(folder, files)).dataset).log();
  EXPECT_EQ(log.size(), GetParam().events);
  EXPECT_EQ(log.users(), GetParam().users);
  EXPECT_EQ(log.items(), GetParam().items);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PublishedCounts,
    testing::Values(
        Published{{"ml-1m/ml-1m.txt.zst"}, 999'611, 6'040, 3'416},
        Published{{"ml-1m/events_ordered.csv.zst"}, 999'611, 6'040, 3'416},
        Published{{"ml-100k/ml-100k.inter.zst"}, 100'000, 943, 1'682},
        Published{
            {"amazon-beauty-5core/events.csv.zst"}, 198'502, 22'363, 12'101},
        Published{
            {"amazon-beauty-large/beauty.txt.zst"}, 353'962, 40'226, 54'542},
        Published{{"sessions-diginetica/test_sessions.txt.zst",
                   "sessions-diginetica/train_sessions.txt.zst"},
                  982'961,
                  202'633,
                  43'097},
        Published{{"cdnow/cdnow.csv.zst"}, 69'659, 23'570, 0},
        Published{{"eshop-clothing-2008/e-shop_clothing_2008.csv.zst"},
                  165'474,
                  24'026,
                  217}));

}  // namespace
}  // namespace ensue::data
