// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/log.h"

#include <gtest/gtest.h>

namespace ensue::events {
namespace {

TEST(LogBuilder, SortsByUserThenTimeAndKeepsTheOrderOfEqualTimes) {
  const Log log = LogBuilder()
                      .add("ann", "b", Millis{20})
                      .add("bob", "c", Millis{5})
                      .add("ann", "a", Millis{10})
                      .add("ann", "d", Millis{20})
                      .build();
  ASSERT_EQ(log.users(), 2u);
  EXPECT_EQ(log.user_names().name(0), "bob");  // first in time
  const History ann = log.history(UserId{1});
  ASSERT_EQ(ann.size(), 3u);
  EXPECT_EQ(log.item_names().name(index(ann.items[0])), "a");
  EXPECT_EQ(log.item_names().name(index(ann.items[1])), "b");
  EXPECT_EQ(log.item_names().name(index(ann.items[2])), "d");
  EXPECT_EQ(log.seqs(UserId{1})[1], 0u);
}

TEST(LogBuilder, NumbersItemsInOrderOfFirstAppearance) {
  const Log log = LogBuilder()
                      .add("u", "late", Millis{9})
                      .add("u", "early", Millis{1})
                      .build();
  EXPECT_EQ(log.item_names().find("early"), 0u);
  EXPECT_EQ(log.item_names().find("late"), 1u);
}

TEST(Log, KeepsAnEventWithoutItem) {
  const Log log = LogBuilder().add("u", "", Millis{1}, "search").build();
  EXPECT_EQ(log.items(), 0u);
  EXPECT_EQ(log.history(UserId{0}).items[0], kNoItem);
}

TEST(Log, FingerprintChangesWithOneEvent) {
  const auto one = LogBuilder().add("u", "a", Millis{1}).build();
  const auto two = LogBuilder().add("u", "a", Millis{2}).build();
  EXPECT_NE(one.fingerprint(), two.fingerprint());
}

TEST(Log, RefusesAnItemTableOfAnotherLength) {
  Log log = LogBuilder().add("u", "a", Millis{1}).build();
  Table table;
  table.columns.push_back({"title", std::vector<std::string>{"A", "B"}});
  EXPECT_ANY_THROW(log.set_item_table(table));
}

}  // namespace
}  // namespace ensue::events
