// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/import.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/data/dataset.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

events::Log imported(const ImportRequest& request) {
  return Dataset::open(import_log(request).dataset).log();
}

// "user:item@time item@time; …" with times in seconds.
std::string shown(const events::Log& log) {
  std::string out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    out += std::string(out.empty() ? "" : "; ") +
           std::string(log.user_names().name(u)) + ":";
    const events::History h = log.history(events::UserId{u});
    for (std::size_t i = 0; i < h.size(); ++i) {
      const bool none = h.items[i] == events::kNoItem;
      out += (i > 0 ? " " : "") +
             (none ? std::string("-")
                   : std::string(log.item_names().name(index(h.items[i])))) +
             "@" + std::to_string(count(h.times[i]) / 1000);
    }
  }
  return out;
}

constexpr const char* kSmall =
    "user,item,time\n"
    "ann,tea,1700000300\n"
    "bob,tea,1700000200\n"
    "ann,cup,1700000100\n"
    "bob,jam,1700000200\n";

constexpr const char* kSmallShown =
    "ann:cup@1700000100 tea@1700000300; bob:tea@1700000200 jam@1700000200";

TEST(Import, SortsEventsByUserTimeAndPlace) {
  const TestFolder folder;
  EXPECT_EQ(shown(imported(request(folder, folder.write("a.csv", kSmall)))),
            kSmallShown);
}

TEST(Import, GivesIdsInOrderOfFirstAppearanceInTime) {
  const TestFolder folder;
  const auto log = imported(request(folder, folder.write("a.csv", kSmall)));
  EXPECT_EQ(log.item_names().name(0), "cup");
  EXPECT_EQ(log.item_names().name(1), "tea");
  EXPECT_EQ(log.item_names().name(2), "jam");
  EXPECT_EQ(log.user_names().name(0), "ann");
}

TEST(Import, ReadsTabsSemicolonsJsonLinesAndParquetAlike) {
  const TestFolder folder;
  std::string tabs = kSmall, semicolons = kSmall;
  for (char& c : tabs) c = c == ',' ? '\t' : c;
  for (char& c : semicolons) c = c == ',' ? ';' : c;
  const std::string csv = folder.write("a.csv", kSmall);
  Connection duckdb;
  const auto copy = [&](const std::string& name, const std::string& how) {
    duckdb.run("COPY (SELECT * FROM read_csv(" + sql_text(csv) + ")) TO " +
               sql_text(folder / name) + how);
    return folder / name;
  };
  for (const std::string& file :
       {folder.write("a.tsv", tabs), folder.write("b.csv", semicolons),
        copy("a.jsonl", " (FORMAT json)"), copy("a.parquet", ""),
        copy("a.csv.gz", " (HEADER)"), copy("a.csv.zst", " (HEADER)")}) {
    EXPECT_EQ(shown(imported(request(folder, file))), kSmallShown) << file;
  }
}

TEST(Import, ReadsSeveralFilesAndGlobs) {
  const TestFolder folder;
  folder.write("part-1.csv", "user,item,time\nann,tea,1700000300\n");
  folder.write("part-2.csv", "user,item,time\nann,cup,1700000100\n");
  EXPECT_EQ(shown(imported(request(folder, folder / "part-*.csv"))),
            "ann:cup@1700000100 tea@1700000300");
}

TEST(Import, ReadsASelect) {
  const TestFolder folder;
  ImportRequest r = request(folder, "");
  r.source.files.clear();
  r.source.sql =
      "SELECT 'u' || i AS \"user\", 'x' AS item, "
      "TIMESTAMP '2024-01-01' + INTERVAL (i) DAY AS \"time\" FROM range(3) "
      "t(i)";
  const auto log = imported(r);
  EXPECT_EQ(log.users(), 3U);
  EXPECT_EQ(count(log.columns().times[0]), 1'704'067'200'000);
}

TEST(Import, WithoutTimesTakesTheOrderOfTheRows) {
  const TestFolder folder;
  const auto log = imported(
      request(folder, folder.write("a.csv", "user,item\na,x\nb,y\na,y\na,y\n"),
              "user,item"));
  EXPECT_FALSE(log.schema().has_clock);
  EXPECT_TRUE(log.schema().order_within_instant);
  const auto history = log.history(events::UserId{0});
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(count(history.times[0]), 0);
  EXPECT_EQ(count(history.times[2]), 3);
}

TEST(Import, KeepsIdsWithCommasQuotesNewlinesAndChinese) {
  const TestFolder folder;
  const auto log = imported(
      request(folder, folder.write("a.csv",
                                   "user,item,time\n"
                                   "\"Li, Wei\",\"say \"\"hi\"\"\",1700000000\n"
                                   "\"two\nlines\",茶杯,1700000001\n")));
  EXPECT_TRUE(log.user_names().find("Li, Wei"));
  EXPECT_TRUE(log.user_names().find("two\nlines"));
  EXPECT_TRUE(log.item_names().find("say \"hi\""));
  EXPECT_TRUE(log.item_names().find("茶杯"));
}

TEST(Import, ReadsActionsAndValuesAndGivesTheDefaultAction) {
  const TestFolder folder;
  const auto log = imported(
      request(folder,
              folder.write("a.csv",
                           "user,item,time,action,value\n"
                           "a,x,1700000000,buy,2.5\na,x,1700000001,,NA\n"),
              "user,item,time,action,value"));
  const auto history = log.history(events::UserId{0});
  EXPECT_EQ(log.action_names().name(index(history.actions[0])), "buy");
  EXPECT_EQ(log.action_names().name(index(history.actions[1])), "view");
  EXPECT_FLOAT_EQ(history.values[0], 2.5F);
  EXPECT_TRUE(std::isnan(history.values[1]));
}

// One row per rule; 12 rows, of which 2 are kept.
constexpr const char* kDirty =
    "user,item,time,action,value,id\n"
    "a,x,1700000000,purchase,5,1\n"     // 2 kept
    "a,x,1700000000,purchase,5,1\n"     // 3 repeated event_id
    ",x,1700000000,purchase,5,2\n"      // 4 set aside
    "a,,1700000000,purchase,5,3\n"      // 5 missing item
    "a,x,soon,purchase,5,4\n"           // 6 bad time
    "a,x,1,purchase,5,5\n"              // 7 time bounds
    "a,x,1700000000,purchase,much,6\n"  // 8 bad value
    "a,x,1700000000,purchase,-7,7\n"    // 9 impossible value
    "a,x,1700000000,purchase\n"         // 10 unreadable
    "b,y,1700000000,purchase,5,\n"      // 11 kept
    "b,y,1700000000,purchase,5,\n"      // 12 duplicate
    "b,y,1700000050,purchase,,9\n";     // 13 missing value, dropped

CleaningReport cleaned(const TestFolder& folder) {
  ImportRequest r = request(folder, folder.write("dirty.csv", kDirty),
                            "user,item,time,action,value");
  r.columns.event_id = "id";
  r.clean.value_min = 0;
  r.missing.columns = {"value=drop"};
  return import_log(r).report;
}

TEST(Cleaning, CountsEveryRuleAndAddsUpToTheRowsOfTheFile) {
  const TestFolder folder;
  const CleaningReport report = cleaned(folder);
  for (const char* rule :
       {"unreadable", "missing_item", "bad_time", "time_bounds", "bad_value",
        "impossible_value", "repeated_event_id", "duplicate", "missing_value",
        "no_user"}) {
    EXPECT_EQ(rows_of(report, rule), 1U) << rule;
  }
  EXPECT_EQ(report.rows, 12U);
  EXPECT_EQ(report.kept, 2U);
  EXPECT_EQ(report.aside, 1U);
  EXPECT_EQ(report.kept + report.removed() + report.aside, report.rows);
}

TEST(Cleaning, NamesFileAndLineOfSampleRows) {
  const TestFolder folder;
  const CleaningReport report = cleaned(folder);
  const auto line = [&](const char* rule) {
    const auto& samples = samples_of(report, rule);
    return samples.size() == 1 ? samples[0].line : 0;
  };
  EXPECT_EQ(line("repeated_event_id"), 3U);
  EXPECT_EQ(line("no_user"), 4U);
  EXPECT_EQ(line("bad_time"), 6U);
  EXPECT_EQ(line("unreadable"), 10U);
  EXPECT_EQ(line("duplicate"), 12U);
  EXPECT_EQ(samples_of(report, "bad_time")[0].content, "a,x,soon,purchase,5,4");
  EXPECT_EQ(samples_of(report, "bad_time")[0].file, folder / "dirty.csv");
}

TEST(Cleaning, CountsLinesThroughQuotedNewlines) {
  const TestFolder folder;
  const auto report =
      import_log(request(folder, folder.write("a.csv",
                                              "user,item,time\n"
                                              "\"a\nb\",x,1700000000\n"
                                              "\n"
                                              "c,x,never\n")))
          .report;
  ASSERT_EQ(samples_of(report, "bad_time").size(), 1U);
  EXPECT_EQ(samples_of(report, "bad_time")[0].line, 5U);
}

TEST(Cleaning, ReportSurvivesItsJson) {
  const TestFolder folder;
  const CleaningReport report = cleaned(folder);
  const CleaningReport again =
      CleaningReport::from_json(report.to_json(), "test");
  EXPECT_EQ(to_text(again.to_json()), to_text(report.to_json()));
}

TEST(Cleaning, RemovesOutliersOnlyWhenAsked) {
  const TestFolder folder;
  std::string text = "user,item,time,value\n";
  for (int i = 0; i < 100; ++i) {
    text += "a,x," + std::to_string(1700000000 + i) + "," +
            std::to_string(i == 50 ? 10'000 : i % 10) + "\n";
  }
  ImportRequest r =
      request(folder, folder.write("a.csv", text), "user,item,time,value");
  EXPECT_EQ(rows_of(import_log(r).report, "outlier"), 0U);
  r.clean.outliers = 3;
  EXPECT_EQ(rows_of(import_log(r).report, "outlier"), 1U);
}

TEST(Cleaning, TakesPricesAndCodesThatAreNoProducts) {
  const TestFolder folder;
  ImportRequest r =
      request(folder, folder.write("a.csv",
                                   "user,item,time,price\n"
                                   "a,101,1700000000,2\na,102,1700000001,0\n"
                                   "a,POST,1700000002,3\n"));
  r.clean.price = "price";
  r.clean.product_pattern = "\\d+";
  const CleaningReport report = import_log(r).report;
  EXPECT_EQ(rows_of(report, "price"), 1U);
  EXPECT_EQ(rows_of(report, "not_a_product"), 1U);
  EXPECT_EQ(report.kept, 1U);
}

TEST(Missing, IsFilledInValuesAndContextAndWritten) {
  const TestFolder folder;
  ImportRequest r =
      request(folder,
              folder.write("a.csv",
                           "user,item,time,value,price\n"
                           "a,x,1700000000,1,10\na,x,1700000010,,20\n"
                           "a,x,1700000020,3,\na,x,1700000030,4,40\n"),
              "user,item,time,value");
  r.columns.context = {"price"};
  r.missing.columns = {"value=interpolate", "price=regress"};
  const auto dataset = import_log(r).dataset;
  const auto log = Dataset::open(dataset).log();
  EXPECT_FLOAT_EQ(log.columns().values[1], 2.0F);
  Connection duckdb;
  const auto price = duckdb.value(
      "SELECT price FROM " + sql_text((dataset / "events.parquet").string()) +
      " WHERE seq = 2");
  ASSERT_TRUE(price);
  EXPECT_NEAR(std::stod(*price), 30, 1e-6);
}

TEST(Import, JoinsATableAboutItems) {
  const TestFolder folder;
  ImportRequest r = request(folder, folder.write("a.csv", kSmall));
  r.source.items = folder.write("items.csv",
                                "item,title,price\ntea,Green tea,2.5\n"
                                "cup,\"Cup, blue\",7\ncup,again,9\n");
  const auto result = import_log(r);
  const auto log = Dataset::open(result.dataset).log();
  const events::Table& items = log.item_table();
  ASSERT_NE(items.find("title"), nullptr);
  EXPECT_EQ(items.find("title")->text(*log.item_names().find("cup")),
            "Cup, blue");
  EXPECT_EQ(items.find("price")->number(*log.item_names().find("tea")), 2.5);
  EXPECT_TRUE(
      std::isnan(items.find("price")->number(*log.item_names().find("jam"))));
  ASSERT_EQ(result.report.notes.size(), 1U);
}

TEST(Import, KeepsSessionTextAndContextColumns) {
  const TestFolder folder;
  ImportRequest r =
      request(folder, folder.write("a.csv",
                                   "user,item,time,sid,zip,n\n"
                                   "b,x,1700000001,s2,00123,5\n"
                                   "a,x,1700000000,s1,04567,6\n"));
  r.columns.session = "sid";
  r.columns.context = {"zip", "n"};
  const auto dataset = import_log(r).dataset;
  Connection duckdb;
  const std::string events = sql_text((dataset / "events.parquet").string());
  EXPECT_EQ(
      duckdb.value("SELECT string_agg(session || zip || n) FROM " + events),
      "s1045676.0,s2001235.0");
  EXPECT_TRUE(Dataset::open(dataset).log().schema().has_sessions);
}

TEST(Import, KeepsContextColumnsThatAreCalledLikeOurs) {
  const TestFolder folder;
  ImportRequest r = request(
      folder, folder.write("a.csv",
                           "user,item,time,Seq,value\na,x,1700000000,one,5\n"));
  r.columns.context = {"Seq", "value"};
  const auto dataset = import_log(r).dataset;
  Connection duckdb;
  EXPECT_EQ(duckdb.value("SELECT \"Seq_column\" || value_column || seq FROM " +
                         sql_text((dataset / "events.parquet").string())),
            "one5.00");
}

TEST(Import, CountsBrokenJsonLines) {
  const TestFolder folder;
  const auto report =
      import_log(
          request(folder,
                  folder.write("a.jsonl",
                               R"({"user":"a","item":"x","time":1700000000})"
                               "\n{\"user\": oops\n"
                               R"({"user":"b","item":"x","time":1700000001})"
                               "\n")))
          .report;
  EXPECT_EQ(report.rows, 3U);
  EXPECT_EQ(report.kept, 2U);
  EXPECT_EQ(rows_of(report, "unreadable"), 1U);
}

TEST(Import, FindsRepeatedEventIdsAmongMany) {
  const TestFolder folder;
  std::string text = "user,item,time,id\n";
  for (int i = 0; i < 20'000; ++i) {
    text += "a,x," + std::to_string(1700000000 + i * 10) + ",e" +
            std::to_string(i % 15'000) + "\n";
  }
  ImportRequest r = request(folder, folder.write("a.csv", text));
  r.columns.event_id = "id";
  EXPECT_EQ(rows_of(import_log(r).report, "repeated_event_id"), 5'000U);
}

TEST(Import, GivesTheSameLogWhenItSpills) {
  const TestFolder folder;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 800'000; ++i) {
    text += std::to_string(i * 7919LL % 9973) + "," +
            std::to_string(i * 104729LL % 499) + "," +
            std::to_string(1700000000 + i * 31LL % 65536) + "\n";
  }
  ImportRequest r = request(folder, folder.write("a.csv", text));
  const auto whole = imported(r);
  r.source.memory = "256MB";
  r.rows_in_memory = 10'000;
  EXPECT_EQ(imported(r).fingerprint(), whole.fingerprint());
}

}  // namespace
}  // namespace ensue::data
