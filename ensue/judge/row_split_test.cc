// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/row_split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

using Places = std::vector<std::size_t>;

data::LabelValues zeros_and_ones(std::size_t zeros, std::size_t ones) {
  data::LabelValues out;
  out.values.assign(zeros, 0);
  out.values.insert(out.values.end(), ones, 1);
  return out;
}

events::Table numbered(std::vector<double> order) {
  return {{{"day", std::move(order)}}, ""};
}

std::string refusal(const auto& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RowSplit, TheLastRowsJudgeAndThoseBeforeThemChoose) {
  const auto rows = numbered({9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
  const RowSplit split =
      split_rows(rows, zeros_and_ones(5, 5), "day", "t", 1,
                 {.validation_share = 0.2, .test_share = 0.2});
  EXPECT_EQ(split.test, (Places{0, 1}));
  EXPECT_EQ(split.validation, (Places{2, 3}));
  EXPECT_EQ(split.train, (Places{4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(split.description,
            "by 'day', the last rows judge: 60 % to learn from, 20 % to choose "
            "by, 20 % to judge on");
}

TEST(RowSplit, RowsOfOneInstantStayTogether) {
  const auto rows = numbered({1, 1, 1, 1, 2, 2, 3, 3, 3, 3});
  const RowSplit split =
      split_rows(rows, zeros_and_ones(5, 5), "day", "t", 1,
                 {.validation_share = 0.2, .test_share = 0.2});
  EXPECT_EQ(split.test, (Places{6, 7, 8, 9}));
  EXPECT_EQ(split.validation, (Places{4, 5}));
}

TEST(RowSplit, TimesAreReadAsTimes) {
  const events::Table rows{
      {{"at", std::vector<std::string>{"2024-03-01", "2024-01-01T10:00:00Z",
                                       "2023-12-31", "2024-02-01"}}},
      ""};
  const RowSplit split =
      split_rows(rows, zeros_and_ones(2, 2), "at", "t", 1,
                 {.validation_share = 0.25, .test_share = 0.25});
  EXPECT_EQ(split.test, (Places{0}));
  EXPECT_EQ(split.validation, (Places{3}));
}

TEST(RowSplit, EveryRowIsDrawnOnceAndClassesAlike) {
  const auto labels = zeros_and_ones(100, 20);
  events::Table rows = numbered(std::vector<double>(120, 1));
  const RowSplit split = split_rows(rows, labels, "", "t", 7);
  std::set<std::size_t> all;
  const auto ones = [&](const Places& part) {
    all.insert(part.begin(), part.end());
    return std::ranges::count_if(
        part, [&](std::size_t row) { return labels.values[row] == 1; });
  };
  EXPECT_EQ(ones(split.test), 4);
  EXPECT_EQ(ones(split.validation), 3);
  EXPECT_EQ(ones(split.train), 13);
  EXPECT_EQ(all.size(), 120);
  EXPECT_EQ(split_rows(rows, labels, "", "t", 7).test, split.test);
  EXPECT_NE(split_rows(rows, labels, "", "t", 8).test, split.test);
  EXPECT_EQ(split.description.substr(0, 18), "at random, seed 7:");
}

TEST(RowSplit, WhatCannotBeCutIsSaidWithItsPlace) {
  const auto labels = zeros_and_ones(2, 2);
  EXPECT_EQ(refusal([&] {
              split_rows(numbered({1, 2, 3, 4}), labels, "week", "t.csv", 1);
            }),
            "t.csv: no column 'week'");
  const events::Table texts{
      {{"day", std::vector<std::string>{"2024-01-01", "soon", "x", "y"}}}, ""};
  EXPECT_EQ(refusal([&] { split_rows(texts, labels, "day", "t.csv", 1); }),
            "t.csv row 2 column 'day': 'soon', expected a number or a time "
            "such as 2024-01-31");
  EXPECT_NE(refusal([&] {
              split_rows(numbered({1, 1, 1, 1}), labels, "day", "t.csv", 1);
            }).find("too many rows at one place"),
            std::string::npos);
  EXPECT_NE(
      refusal([&] {
        split_rows(numbered({1, 2}), zeros_and_ones(1, 1), "", "t.csv", 1);
      }).find("too few"),
      std::string::npos);
  EXPECT_NE(refusal([&] {
              split_rows(numbered({1, 2, 3, 4}), labels, "", "t", 1,
                         {.validation_share = 0.2, .test_share = 0.7});
            }).find("test_share"),
            std::string::npos);
}

// A label a day; it is known some days later.
data::LabelTable daily(int days) {
  data::LabelTable out;
  out.source = "labels";
  for (int day = 0; day < days; ++day) {
    out.pairs.push_back(
        {events::UserId{0}, events::Millis{day * events::kDayMs}});
    out.values.push_back(day % 2);
  }
  return out;
}

std::int64_t first_day(const data::LabelTable& part) {
  return count(part.pairs.front().time) / events::kDayMs;
}
std::int64_t last_day(const data::LabelTable& part) {
  return count(part.pairs.back().time) / events::kDayMs;
}

TEST(LabelSplit, LastTimesJudgeThoseBeforeChoose) {
  const LabelSplit split =
      split_labels(daily(20), 0, {.validation_share = 0.1, .test_share = 0.2});
  EXPECT_EQ(first_day(split.test), 16);
  EXPECT_EQ(split.test.size(), 4);
  EXPECT_EQ(first_day(split.validation), 14);
  EXPECT_EQ(last_day(split.validation), 15);
  EXPECT_EQ(last_day(split.train), 13);
  EXPECT_EQ(split.between, 0);
}

TEST(LabelSplit, WhatIsLearntFromIsKnownBeforeItIsChosenBy) {
  const std::int64_t horizon = 3 * events::kDayMs;
  const LabelSplit split = split_labels(
      daily(20), horizon, {.validation_share = 0.1, .test_share = 0.2});
  EXPECT_EQ(first_day(split.test), 16);
  EXPECT_EQ(last_day(split.validation), 13);  // known on day 16
  EXPECT_EQ(first_day(split.validation), 12);
  EXPECT_EQ(last_day(split.train), 9);  // known on day 12
  EXPECT_EQ(split.between, 4);          // days 10, 11, 14, 15
}

TEST(LabelSplit, EachLabelMayBecomeKnownAtATimeOfItsOwn) {
  std::vector<events::Millis> known;
  for (int day = 0; day < 20; ++day) {  // half a day behind three days
    known.push_back(events::Millis{(day / 3 * 6 + 5) * events::kDayMs / 2});
  }
  const LabelSplit split = split_labels(
      daily(20), 0, {.validation_share = 0.2, .test_share = 0.2}, known);
  EXPECT_EQ(first_day(split.test), 16);
  EXPECT_EQ(first_day(split.validation), 11);
  EXPECT_EQ(last_day(split.validation), 14);
  EXPECT_EQ(last_day(split.train), 8);
  EXPECT_EQ(split.between, 3);  // days 9, 10 and 15
}

TEST(LabelSplit, TooLongAHorizonIsRefused) {
  EXPECT_NE(refusal([] {
              split_labels(daily(20), 9 * events::kDayMs);
            }).find("lower task.horizon_days"),
            std::string::npos);
  data::LabelTable once = daily(1);
  EXPECT_THROW(split_labels(once, 0), Error);
}

}  // namespace
}  // namespace ensue::judge
