// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/table_columns.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

using events::Table;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

events::Vocabulary names(std::vector<std::string> list) {
  return events::Vocabulary::from_names(std::span<const std::string>(list));
}

ColumnEncoder encoder(std::string column, std::string_view encoding,
                      events::Vocabulary values = {},
                      std::vector<float> numbers = {}) {
  return {std::move(column), EncodingSpec::parse(encoding), std::move(values),
          std::move(numbers)};
}

std::vector<float> prepared(std::vector<ColumnEncoder> encoders,
                            const Table& rows) {
  return TableColumns(std::move(encoders)).prepare(rows).dense();
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Table prices() {
  Table out;
  out.columns = {{"price", std::vector<double>{5, kNone, 1}},
                 {"shop", std::vector<std::string>{"a", "", "zz"}}};
  return out;
}

TEST(TableColumns, NumbersAreStandardisedAndMissingOnesAreTheMean) {
  EXPECT_EQ(prepared({encoder("price", "number", {}, {3, 2})}, prices()),
            (std::vector<float>{1, 0, -1}));
}

TEST(TableColumns, LogsAreTakenOfMagnitudes) {
  const auto out = prepared({encoder("price", "log", {}, {0, 1})}, prices());
  EXPECT_FLOAT_EQ(out[0], std::log(6.0F));
  EXPECT_FLOAT_EQ(log_of(-5), -std::log(6.0F));
}

TEST(TableColumns, RawKeepsWhatIsMissing) {
  const auto out = prepared({encoder("price", "raw")}, prices());
  EXPECT_EQ(out[0], 5);
  EXPECT_TRUE(std::isnan(out[1]));
}

TEST(TableColumns, BinsAreOneUpToTheNumber) {
  EXPECT_EQ(prepared({encoder("price", "bins", {}, {1, 4, 9})}, prices()),
            (std::vector<float>{1, 1, 0, 0, 0, 0, 1, 0, 0}));
}

TEST(TableColumns, MissingTellsWhere) {
  EXPECT_EQ(prepared({encoder("price", "missing"), encoder("shop", "missing")},
                     prices()),
            (std::vector<float>{0, 0, 1, 1, 0, 0}));
}

TEST(TableColumns, ANewCategoryHasNoFeatureAndNumbersCanBeCategories) {
  EXPECT_EQ(prepared({encoder("shop", "one_hot", names({"a", "b"}))}, prices()),
            (std::vector<float>{1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(
      prepared({encoder("price", "one_hot", names({"1", "5"}))}, prices()),
      (std::vector<float>{0, 1, 0, 0, 1, 0}));
}

TEST(TableColumns, UnknownAndMissingCategoriesGetTheMeanOfAll) {
  EXPECT_EQ(prepared({encoder("shop", "target", names({"a"}), {0.5F, 0.9F})},
                     prices()),
            (std::vector<float>{0.9F, 0.5F, 0.5F}));
}

TEST(TableColumns, TermsWeighTheirCountAndRarityAndHaveLengthOne) {
  Table rows;
  rows.columns = {
      {"title", std::vector<std::string>{"red mug, red", "blue", ""}}};
  const auto out = prepared(
      {encoder("title", "words:1", names({"mug", "red"}), {2, 1})}, rows);
  const double red = 1 + std::log(2.0), length = std::sqrt(4 + red * red);
  EXPECT_NEAR(out[0], 2 / length, 1e-6);
  EXPECT_NEAR(out[1], red / length, 1e-6);
  for (std::size_t i = 2; i < 6; ++i) EXPECT_EQ(out[i], 0);
}

TEST(TableColumns, ComponentsAreProjectionsOfCentredFeatures) {
  const TableColumns columns(
      {encoder("price", "number", {}, {0, 1}), encoder("price", "missing")},
      {{1, 0}, {0.5F, 2}});
  EXPECT_EQ(columns.width(), 1U);
  EXPECT_EQ(columns.prepare(prices()).dense(), (std::vector<float>{2, 1.5, 0}));
}

TEST(TableColumns, EncodingsReadBackAsTheyAreWritten) {
  for (const char* text : {"raw", "number", "log", "bins", "missing", "one_hot",
                           "target", "words:2", "letters:2-5"}) {
    EXPECT_EQ(EncodingSpec::parse(text).text(), text);
  }
  for (const char* text : {"", "rawx", "number:2", "words:0", "words:2-3",
                           "letters:4-3", "letters:x"}) {
    EXPECT_NE(error_of([&] { EncodingSpec::parse(text); }), "") << text;
  }
}

TEST(TableColumns, RefusesATableWithoutTheColumnOrOfAnotherKind) {
  const TableColumns price({encoder("price", "raw")});
  Table other, text;
  other.columns = {{"size", std::vector<double>{1}}};
  text.columns = {{"price", std::vector<std::string>{"5"}}};
  EXPECT_EQ(error_of([&] { price.prepare(other); }),
            "column 'price': the model reads it, the table has it not");
  EXPECT_EQ(error_of([&] { price.prepare(text); }),
            "column 'price': holds text, the model reads numbers");
}

TEST(TableColumns, RefusesWhatDoesNotFitTogether) {
  EXPECT_NE(error_of([] {
              TableColumns({encoder("a", "number", {}, {0, 0})});
            }).find("deviation above 0"),
            std::string::npos);
  EXPECT_NE(error_of([] {
              TableColumns({encoder("a", "words:1", names({"x"}), {})});
            }).find("a weight per term"),
            std::string::npos);
  EXPECT_NE(error_of([] {
              TableColumns({encoder("a", "raw")}, {{1, 2}, {1, 2}});
            }).find("components"),
            std::string::npos);
}

}  // namespace
}  // namespace ensue::runtime
