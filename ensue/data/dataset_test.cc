// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/dataset.h"

#include <gtest/gtest.h>

#include "ensue/base/file.h"
#include "ensue/data/import.h"
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
