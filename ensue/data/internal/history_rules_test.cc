// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/history_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace ensue::data {
namespace {

constexpr std::uint32_t kBuy = 0, kCancel = 1;

Row row(std::uint32_t item, std::int64_t time, std::uint32_t action,
        float value) {
  return {0, item, time, 0, action, 0, value, 0};
}

// The rule of each row: '-' kept, else the last letter of its name.
std::string taken(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& r : rows) {
    out += r.removed == 0 ? '-'
                          : cleaning_rules().all()[r.removed - 1].name.back();
  }
  return out;
}

TEST(Cancellations, TakeTheLatestPurchaseOfTheSameAmountWithThem) {
  std::vector<Row> rows = {row(7, 1, kBuy, 10), row(7, 2, kBuy, 10),
                           row(8, 3, kBuy, 10), row(7, 4, kCancel, -10)};
  mark_cancellations(rows, kCancel, kBuy);
  EXPECT_EQ(taken(rows), "-d-n");  // cancelled, cancellation
}

TEST(Cancellations, OfAPartLeaveThePurchase) {
  std::vector<Row> rows = {row(7, 1, kBuy, 10), row(7, 2, kCancel, -4)};
  mark_cancellations(rows, kCancel, kBuy);
  EXPECT_EQ(taken(rows), "-n");
}

TEST(Cancellations, WithoutAPurchaseAreUnpaired) {
  std::vector<Row> rows = {row(7, 1, kCancel, -10), row(7, 2, kBuy, 10),
                           row(8, 3, kCancel, -10), row(9, 4, kBuy, 3),
                           row(9, 5, kCancel, -10)};
  mark_cancellations(rows, kCancel, kBuy);
  EXPECT_EQ(taken(rows), "d-d-d");
}

TEST(Cancellations, PairEachPurchaseOnce) {
  std::vector<Row> rows = {row(7, 1, kBuy, 10), row(7, 2, kCancel, -10),
                           row(7, 3, kCancel, -10)};
  mark_cancellations(rows, kCancel, kBuy);
  EXPECT_EQ(taken(rows), "dnd");
  EXPECT_EQ(rows[2].removed - 1,
            static_cast<std::uint64_t>(Rule::kCancellationUnpaired));
}

TEST(Duplicates, KeepTheFirstOfEqualRowsOfOneInstant) {
  std::vector<Row> rows = {row(1, 5, kBuy, 2), row(2, 5, kBuy, 2),
                           row(1, 5, kBuy, 2), row(1, 6, kBuy, 2)};
  mark_duplicates(rows);
  EXPECT_EQ(taken(rows), "--e-");
}

TEST(Duplicates, DifferInAnyColumn) {
  std::vector<Row> rows = {row(1, 5, kBuy, 2), row(1, 5, kCancel, 2),
                           row(1, 5, kBuy, 3), row(1, 5, kBuy, 2)};
  rows[3].extras = 9;
  mark_duplicates(rows);
  EXPECT_EQ(taken(rows), "----");
}

TEST(Duplicates, OfALargeInstantAreTheSameAsOfASmallOne) {
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < 60; ++i) {
    rows.push_back(row(i % 20, 5, kBuy, 1));
    rows.back().seq = i;
  }
  mark_duplicates(rows);
  EXPECT_EQ(taken(rows), std::string(20, '-') + std::string(40, 'e'));
}

TEST(Bots, ActAtMoreInstantsThanTheLimitWithinAnHour) {
  std::vector<Row> rows;
  for (std::int64_t i = 0; i <= 100; ++i)
    rows.push_back(row(1, i * 30'000, 0, 1));
  mark_bot(rows, /*limit=*/100);  // 101 instants in 50 minutes
  EXPECT_EQ(taken(rows), std::string(101, 't'));
}

TEST(Bots, AreNotPeopleWithLargeBaskets) {
  std::vector<Row> rows(500, row(1, 1000, kBuy, 1));
  mark_bot(rows, /*limit=*/100);
  EXPECT_EQ(taken(rows), std::string(500, '-'));
}

TEST(Outliers, LieOutsideTheFencesAndMissingValuesDoNot) {
  std::vector<Row> rows = {row(1, 1, 0, 5), row(1, 2, 0, 11), row(1, 3, 0, -1),
                           row(1, 4, 0, NAN)};
  mark_outliers(rows, 0, 10);
  EXPECT_EQ(taken(rows), "-rr-");
}

}  // namespace
}  // namespace ensue::data
