// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/read_table.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

TEST(ReadTable, NumbersStayNumbersAndTheRestIsText) {
  const TestFolder folder;
  const auto file = folder.write("rows.csv",
                                 "price,shop,sold,day\n"
                                 "1.5,a,TRUE,2011-01-02\n"
                                 ",,FALSE,\n");
  const events::Table table = read_table(file);
  ASSERT_EQ(table.columns.size(), 4U);
  EXPECT_EQ(table.find("price")->number(0), 1.5);
  EXPECT_TRUE(std::isnan(table.find("price")->number(1)));
  EXPECT_EQ(table.find("shop")->text(1), "");
  EXPECT_EQ(table.find("sold")->number(0), 1);
  EXPECT_EQ(table.find("sold")->number(1), 0);
  EXPECT_EQ(table.find("day")->text(0), "2011-01-02");
}

TEST(ReadTable, TakesASelect) {
  const events::Table table = read_table("SELECT 2 + 3 AS five, 'x' AS x");
  EXPECT_EQ(table.rows(), 1U);
  EXPECT_EQ(table.find("five")->number(0), 5);
}

TEST(ReadTable, AFilesNameMayHoldASpace) {
  const TestFolder folder;
  const auto file = folder.write("my rows.csv", "x\n1\n");
  EXPECT_EQ(read_table(file).find("x")->number(0), 1);
}

TEST(ReadTable, AnEmptyFileIsRefusedAsSuch) {
  const TestFolder folder;
  const auto file = folder.write("nothing.csv", "");
  try {
    read_table(file);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(
        error.what(),
        std::string(file) +
            ": is empty, expected a first line with the names of columns");
  }
  EXPECT_EQ(read_table(folder.write("no_rows.csv", "a,b\n")).rows(), 0U);
  EXPECT_EQ(read_table(folder.write("one.csv", "column0\n1\n")).rows(), 1U);
}

TEST(ReadTable, AFileThatIsNotThereIsNotFound) {
  EXPECT_TRUE(error_of([] { read_table("nowhere.csv"); }).starts_with("not-"));
}

}  // namespace
}  // namespace ensue::data
