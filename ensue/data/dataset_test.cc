// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/dataset.h"

#include <gtest/gtest.h>

#include "ensue/base/file.h"
#include "ensue/data/import.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

class DatasetTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string text = "user,item,time,action,value\n";
    for (int i = 0; i < 3000; ++i) {
      text += "u" + std::to_string(i * 7 % 100) + ",i" +
              std::to_string(i * 31 % 77) + "," +
              std::to_string(1700000000 + i) + (i % 3 ? ",view," : ",buy,9.5") +
              "\n";
    }
    path_ = import_log(request(folder_, folder_.write("a.csv", text),
                               "user,item,time,action,value"))
                .dataset;
  }

  // Changes one byte in the middle of a file.
  void damage(const std::string& file) {
    std::string bytes = read_file(path_ / file);
    bytes[bytes.size() / 2] ^= 0x55;
    write_file(path_ / file, bytes);
  }

  std::string open_error(bool verify = false) {
    return error_of([&] { Dataset::open(path_, verify).log(); });
  }

  TestFolder folder_;
  fs::path path_;
};

TEST_F(DatasetTest, OpensWhole) {
  const Dataset dataset = Dataset::open(path_, /*verify=*/true);
  EXPECT_EQ(dataset.manifest().at("counts").at("events").to_number<int>(),
            3000);
  const auto log = dataset.log();
  EXPECT_EQ(log.users(), 100U);
  EXPECT_EQ(log.items(), 77U);
  EXPECT_EQ(log.action_names().size(), 2U);
}

TEST_F(DatasetTest, GivesTheSameLogFromTheCache) {
  const auto first = Dataset::open(path_).log();
  ASSERT_TRUE(fs::exists(path_ / "cache/columns.bin"));
  EXPECT_EQ(Dataset::open(path_).log().fingerprint(), first.fingerprint());
}

TEST_F(DatasetTest, MakesADamagedOrTruncatedCacheAnew) {
  const auto fingerprint = Dataset::open(path_).log().fingerprint();
  damage("cache/columns.bin");
  EXPECT_EQ(Dataset::open(path_).log().fingerprint(), fingerprint);
  fs::resize_file(path_ / "cache/columns.bin", 100);
  EXPECT_EQ(Dataset::open(path_).log().fingerprint(), fingerprint);
  fs::resize_file(path_ / "cache/columns.bin", 3);
  EXPECT_EQ(Dataset::open(path_).log().fingerprint(), fingerprint);
}

TEST_F(DatasetTest, DoesNotTakeTheCacheOfAnotherDataset) {
  Dataset::open(path_).log();
  const fs::path kept = folder_ / "columns.bin";
  fs::copy_file(path_ / "cache/columns.bin", kept);
  const auto log = [&] {
    return Dataset::open(
               import_log(
                   request(folder_,
                           folder_.write("b.csv",
                                         "user,item,time\na,x,1700000000\n")))
                   .dataset)
        .log();
  };
  EXPECT_EQ(log().size(), 1U);
  fs::copy_file(kept, path_ / "cache/columns.bin",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(Dataset::open(path_).log().size(), 1U);
}

TEST_F(DatasetTest, WithoutAManifestIsNotWhole) {
  fs::remove(path_ / "manifest.json");
  EXPECT_TRUE(open_error().starts_with("not-found "));
  EXPECT_NE(open_error().find("no whole dataset"), std::string::npos);
}

TEST_F(DatasetTest, RefusesATruncatedManifest) {
  fs::resize_file(path_ / "manifest.json", 200);
  EXPECT_TRUE(open_error().starts_with("corrupt "));
  EXPECT_NE(open_error().find("manifest.json"), std::string::npos);
}

TEST_F(DatasetTest, RefusesANewerVersion) {
  std::string text = read_file(path_ / "manifest.json");
  text.replace(text.find("\"version\": 1"), 12, "\"version\": 9");
  write_file(path_ / "manifest.json", text);
  EXPECT_NE(open_error().find("version 9, expected 1"), std::string::npos);
}

TEST_F(DatasetTest, RefusesATruncatedOrMissingFileNamingIt) {
  fs::resize_file(path_ / "events.parquet", 500);
  EXPECT_NE(open_error().find("events.parquet: has 500 bytes"),
            std::string::npos);
  fs::remove(path_ / "events.parquet");
  EXPECT_NE(open_error().find("events.parquet: is missing"), std::string::npos);
}

TEST_F(DatasetTest, FindsABitFlipInAnyFileWhenItVerifies) {
  for (const char* file : {"events.parquet", "users.parquet", "items.parquet",
                           "actions.parquet", "cleaning.json"}) {
    const std::string good = read_file(path_ / file);
    damage(file);
    EXPECT_NE(
        open_error(/*verify=*/true).find(std::string(file) + ": has checksum"),
        std::string::npos)
        << file;
    write_file(path_ / file, good);
  }
}

TEST_F(DatasetTest, DamagedParquetIsCorruptAlsoWithoutVerifying) {
  damage("users.parquet");
  const std::string text = open_error();
  EXPECT_TRUE(text.empty() || text.starts_with("corrupt ")) << text;
}

// What a cell says, "-" for nothing.
std::string said(const events::Log& log, std::string_view user,
                 std::size_t event, std::size_t column) {
  const auto found = log.user_names().find(user);
  const auto history = log.history(events::UserId{found.value()});
  const events::Cell cell = history.context.row(event)[column];
  const auto& about = log.context().at(column);
  if (cell.empty()) return "-";
  return about.kind == events::ContextKind::kNumber
             ? events::text_of(cell.number())
             : std::string(about.values.name(cell.code()));
}

class ContextTest : public testing::Test {
 protected:
  // Ten columns' worth of trouble: quotes, Chinese, nothing, many values.
  void SetUp() override {
    std::string text = "user,item,time,设备,price,page\n";
    text += "b,x,1700000009,\"a, \"\"b\"\"\",,p0\n";
    text += "a,x,1700000002,手机,-2.5,\n";
    text += "a,y,1700000001,,1e3,p1\n";
    for (int i = 0; i < kMany; ++i) {
      text += "many,x," + std::to_string(1700000100 + 60 * i) + ",手机," +
              std::to_string(i) + ",page " + std::to_string(i) + "\n";
    }
    ImportRequest r = request(folder_, folder_.write("a.csv", text));
    r.columns.context = {"设备", "price", "page"};
    path_ = import_log(r).dataset;
  }
  void expect_all(const events::Log& log) {
    using Kind = events::ContextKind;
    ASSERT_EQ(log.context().size(), 3U);
    EXPECT_EQ(log.context()[0].name, "设备");
    EXPECT_EQ(log.context()[0].kind, Kind::kCategory);
    EXPECT_EQ(log.context()[1].kind, Kind::kNumber);
    EXPECT_EQ(log.context()[2].kind, Kind::kCategory);
    EXPECT_EQ(log.context()[2].values.size(), kMany + 2U);
    EXPECT_EQ(said(log, "b", 0, 0), "a, \"b\"");
    EXPECT_EQ(said(log, "b", 0, 1), "-");
    EXPECT_EQ(said(log, "a", 0, 0), "-");
    EXPECT_EQ(said(log, "a", 0, 1), "1000");
    EXPECT_EQ(said(log, "a", 1, 0), "手机");
    EXPECT_EQ(said(log, "a", 1, 1), "-2.5");
    EXPECT_EQ(said(log, "a", 1, 2), "-");
    EXPECT_EQ(said(log, "many", 4321, 1), "4321");
    EXPECT_EQ(said(log, "many", 4321, 2), "page 4321");
  }

  static constexpr int kMany = 5000;
  TestFolder folder_;
  fs::path path_;
};

TEST_F(ContextTest, StandsBesideItsEventAlsoFromTheCache) {
  const auto first = Dataset::open(path_).log();
  expect_all(first);
  ASSERT_TRUE(fs::exists(path_ / "cache/columns.bin"));
  const auto again = Dataset::open(path_).log();
  expect_all(again);
  EXPECT_EQ(again.fingerprint(), first.fingerprint());
}

TEST_F(ContextTest, TheCacheOfAnOlderVersionIsMadeAnew) {
  Dataset::open(path_).log();
  std::string bytes = read_file(path_ / "cache/columns.bin");
  ASSERT_TRUE(bytes.starts_with("ENSCACH2"));
  bytes[7] = '1';
  write_file(path_ / "cache/columns.bin", bytes);
  expect_all(Dataset::open(path_).log());
  EXPECT_TRUE(read_file(path_ / "cache/columns.bin").starts_with("ENSCACH2"));
}

TEST_F(DatasetTest, TypesOfParquetSayWhatAColumnOfContextHolds) {
  Connection duckdb;
  const std::string file = folder_ / "typed.parquet";
  duckdb.run(
      "COPY (SELECT 'u' || i % 3 AS user, 'i' || i AS item, 1700000000 + i AS "
      "time, i % 2 = 0 AS gift, i::TINYINT AS shelf, (i / 4)::DECIMAL(9, 2) AS "
      "price, DATE '2024-02-01' + i::INT AS day FROM range(9) t(i)) TO " +
      sql_text(file) + " (FORMAT parquet)");
  ImportRequest r = request(folder_, file);
  r.columns.context = {"gift", "shelf", "price", "day"};
  const auto log = Dataset::open(import_log(r).dataset).log();
  ASSERT_EQ(log.context().size(), 4U);
  EXPECT_EQ(said(log, "u1", 0, 0), "false");
  EXPECT_EQ(said(log, "u0", 0, 0), "true");
  EXPECT_EQ(said(log, "u0", 2, 1), "6");
  EXPECT_EQ(said(log, "u0", 2, 2), "1.5");
  EXPECT_EQ(said(log, "u0", 2, 3), "2024-02-07");
  EXPECT_EQ(log.context()[1].kind, events::ContextKind::kNumber);
  EXPECT_EQ(log.context()[3].kind, events::ContextKind::kCategory);
}

TEST_F(DatasetTest, ImportAgainReplacesIt) {
  import_log(request(
      folder_, folder_.write("b.csv", "user,item,time\na,x,1700000000\n")));
  EXPECT_EQ(Dataset::open(path_).log().size(), 1U);
  EXPECT_FALSE(fs::exists(folder_ / "dataset.old"));
}

TEST(Dataset, ThatIsNotThereIsNotFound) {
  const std::string text = error_of([] { Dataset::open("/nowhere/dataset"); });
  EXPECT_TRUE(text.starts_with("not-found /nowhere/dataset: no such dataset"));
}

}  // namespace
}  // namespace ensue::data
