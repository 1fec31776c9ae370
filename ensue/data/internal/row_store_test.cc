// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/row_store.h"

#include <gtest/gtest.h>

#include "ensue/data/internal/interner.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

Row numbered(std::uint32_t user, std::uint64_t seq) {
  return {user, 0, static_cast<std::int64_t>(seq), seq, 0, 0, 0, 0};
}

// 100,000 rows of 300 users and, each tenth, of nobody.
void fill(RowStore& store) {
  for (std::uint64_t seq = 0; seq < 100'000; ++seq) {
    const auto user = static_cast<std::uint32_t>(seq * 7919 % 300);
    store.append(numbered(seq % 10 == 0 ? kNone : user, seq));
  }
}

void expect_whole_and_in_order(RowStore& store) {
  std::size_t rows = 0;
  for (std::size_t p = 0; p < store.partitions(); ++p) {
    const std::vector<Row> loaded = store.load(p);
    rows += loaded.size();
    for (std::size_t i = 0; i < loaded.size(); ++i) {
      ASSERT_EQ(RowStore::partition_of(loaded[i].user), p);
      ASSERT_TRUE(i == 0 || loaded[i - 1].seq < loaded[i].seq);
    }
  }
  EXPECT_EQ(rows, 100'000U);
}

TEST(RowStore, GivesEveryRowBackInOrderOfArrival) {
  const TestFolder folder;
  RowStore store(folder / "", /*memory_rows=*/1'000'000);
  fill(store);
  EXPECT_FALSE(store.spilled());
  expect_whole_and_in_order(store);
}

TEST(RowStore, GivesTheSameWhenItSpills) {
  const TestFolder folder;
  RowStore store(folder / "", /*memory_rows=*/5'000);
  fill(store);
  EXPECT_TRUE(store.spilled());
  expect_whole_and_in_order(store);
}

TEST(RowStore, ReadsSlicesOfStoredPartitions) {
  const TestFolder folder;
  for (const std::size_t memory : {5'000, 1'000'000}) {
    RowStore store(folder / "", memory);
    fill(store);
    std::vector<Row> rows = store.load(3);
    rows.erase(rows.begin());
    const std::vector<Row> expected = rows;
    store.store(3, std::move(rows));
    std::vector<Row> slice(5);
    store.read(3, 10, slice);
    for (std::size_t i = 0; i < slice.size(); ++i) {
      EXPECT_EQ(slice[i].seq, expected[10 + i].seq) << "memory " << memory;
    }
  }
}

TEST(Interner, GivesIdsInOrderOfArrivalAndKeepsThem) {
  Interner names;
  EXPECT_EQ(names.id("b"), 0U);
  EXPECT_EQ(names.id("a"), 1U);
  EXPECT_EQ(names.id("b"), 0U);
  EXPECT_EQ(names.name(1), "a");
}

TEST(Interner, HoldsAMillionNamesThroughItsGrowth) {
  Interner names;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    ASSERT_EQ(names.id(std::to_string(i)), i);
  }
  for (std::uint32_t i = 0; i < 1'000'000; i += 777) {
    ASSERT_EQ(names.id(std::to_string(i)), i);
    ASSERT_EQ(names.name(i), std::to_string(i));
  }
}

}  // namespace
}  // namespace ensue::data
