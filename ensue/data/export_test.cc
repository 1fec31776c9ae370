// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/data/internal/duckdb.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

class Export : public ::testing::Test {
 protected:
  Export()
      : folder_(fs::temp_directory_path() /
                ("ensue-export-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
    table_.columns = {
        {"user", std::vector<std::string>{"安娜", "a,b\"c"}},
        {"rank", std::vector<double>{1, 2}},
        {"score",
         std::vector<double>{0.5, std::numeric_limits<double>::quiet_NaN()}}};
  }
  ~Export() override { fs::remove_all(folder_); }

  fs::path folder_;
  events::Table table_;
};

TEST_F(Export, CsvQuotesWhatNeedsQuotesAndLeavesMissingNumbersEmpty) {
  write_table(folder_ / "a.csv", table_, {"rank"});
  EXPECT_EQ(read_file(folder_ / "a.csv"),
            "user,rank,score\n安娜,1,0.5\n\"a,b\"\"c\",2,\n");
}

TEST_F(Export, ParquetIsReadBackAsItWas) {
  const fs::path path = folder_ / "a.parquet";
  write_table(path, table_, {"rank"});
  Connection db;
  const std::string from = " FROM " + sql_text(path.string());
  EXPECT_EQ(db.value("SELECT count(*)" + from), "2");
  EXPECT_EQ(db.value("SELECT \"user\"" + from + " WHERE rank = 1"), "安娜");
  EXPECT_EQ(db.value("SELECT score" + from + " WHERE rank = 2"), std::nullopt);
}

TEST_F(Export, AnUnknownEndingIsRefused) {
  EXPECT_THROW(write_table(folder_ / "a.xls", table_), Error);
  EXPECT_FALSE(fs::exists(folder_ / "a.xls"));
}

}  // namespace
}  // namespace ensue::data
