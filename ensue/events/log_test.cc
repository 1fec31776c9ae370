// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ensue/base/error.h"

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

// Two users; of one event nothing more is known.
LogBuilder devices() {
  LogBuilder out;
  out.add("ann", "a", Millis{10}).with("设备", "手机").with("price", 2.5F);
  out.add("bob", "b", Millis{5}).with("设备", "desk").with("price", 7);
  out.add("ann", "c", Millis{20});
  out.add("ann", "d", Millis{30}).with("设备", "desk");
  return out;
}

std::string value_at(const Log& log, const History& history, std::size_t i) {
  const Cell cell = history.context.row(i)[0];
  return cell.empty() ? "-"
                      : std::string(log.context()[0].values.name(cell.code()));
}

TEST(Log, KeepsContextWithItsEvent) {
  const Log log = devices().build();
  EXPECT_EQ(log.schema().context, (std::vector<std::string>{"设备", "price"}));
  ASSERT_EQ(log.context().size(), 2u);
  EXPECT_EQ(log.context()[0].kind, ContextKind::kCategory);
  EXPECT_EQ(log.context()[1].kind, ContextKind::kNumber);
  const History bob = log.history(UserId{0}), ann = log.history(UserId{1});
  EXPECT_EQ(value_at(log, bob, 0), "desk");
  EXPECT_EQ(bob.context.row(0)[1].number(), 7.0F);
  EXPECT_EQ(value_at(log, ann, 0), "手机");
  EXPECT_EQ(ann.context.row(0)[1].number(), 2.5F);
  EXPECT_EQ(value_at(log, ann, 1), "-");
  EXPECT_TRUE(std::isnan(ann.context.row(1)[1].number()));
  EXPECT_EQ(value_at(log, ann, 2), "desk");
}

TEST(Log, FingerprintChangesWithOneValueOfContext) {
  LogBuilder other = devices();
  other.with("price", 1);
  EXPECT_NE(devices().build().fingerprint(), other.build().fingerprint());
}

TEST(Log, RefusesContextThatIsNotThatOfItsSchema) {
  const Log log = devices().build();
  const auto made = [&](Log::Names names, Log::Columns columns) {
    return Log(log.schema(), std::move(names), columns, nullptr);
  };
  const Log::Names names{log.user_names(), log.item_names(), log.action_names(),
                         log.context()};
  EXPECT_EQ(made(names, log.columns()).fingerprint(), log.fingerprint());
  Log::Names fewer = names;
  fewer.context.pop_back();
  EXPECT_THROW(made(fewer, log.columns()), Error);
  Log::Names swapped = names;
  std::swap(swapped.context[0], swapped.context[1]);
  EXPECT_THROW(made(swapped, log.columns()), Error);
  Log::Columns shorter = log.columns();
  shorter.context = shorter.context.first(7);
  EXPECT_THROW(made(names, shorter), Error);
  std::vector<Cell> cells(8, Cell::of_code(2));  // there are values 0 and 1
  Log::Columns beyond = log.columns();
  beyond.context = cells;
  EXPECT_THROW(made(names, beyond), Error);
}

TEST(History, SlicesCarryTheirContext) {
  const Log log = devices().build();
  const History ann = log.history(UserId{1});
  EXPECT_EQ(value_at(log, ann.slice(1, 3), 1), "desk");
  EXPECT_EQ(value_at(log, ann.last(1), 0), "desk");
  EXPECT_EQ(value_at(log, ann.first(1), 0), "手机");
  EXPECT_EQ(value_at(log, ann.last(2).last(1), 0), "desk");
  EXPECT_TRUE(ann.slice(3, 3).empty());
}

TEST(History, MadeByHandHasEmptyRows) {
  const std::vector<ItemId> items(3);
  const std::vector<ActionId> actions(3);
  const std::vector<Millis> times(3);
  const std::vector<float> values(3);
  const History history{items, actions, times, values};
  EXPECT_TRUE(history.context.row(2).empty());
  EXPECT_TRUE(history.slice(1, 3).context.row(1).empty());
}

TEST(LogBuilder, AColumnHoldsTextOrNumbers) {
  LogBuilder builder = devices();
  EXPECT_THROW(builder.with("price", "cheap"), Error);
  EXPECT_THROW(builder.with("设备", 3), Error);
}

TEST(LogBuilder, ColumnsOfTheSchemaThatNobodyFillsAreEmpty) {
  Schema schema;
  schema.context = {"shelf"};
  const Log log =
      LogBuilder(schema).add("u", "a", Millis{1}).with("x", "y").build();
  EXPECT_EQ(log.schema().context, (std::vector<std::string>{"shelf", "x"}));
  const History history = log.history(UserId{0});
  EXPECT_TRUE(history.context.row(0)[0].empty());
  EXPECT_FALSE(history.context.row(0)[1].empty());
}

TEST(Cell, IsNothingForWhatIsNoFiniteNumber) {
  EXPECT_EQ(Cell::of_number(std::nanf("")), Cell());
  EXPECT_EQ(Cell::of_number(std::numeric_limits<float>::infinity()), Cell());
  EXPECT_EQ(Cell::of_number(-0.5F).number(), -0.5F);
  EXPECT_TRUE(std::isnan(Cell().number()));
}

TEST(ContextText, OfANumberIsTheShortestThatReadsBackAsIt) {
  EXPECT_EQ(text_of(100000), "100000");
  EXPECT_EQ(text_of(-3), "-3");
  EXPECT_EQ(text_of(0.1F), "0.1");
}

}  // namespace
}  // namespace ensue::events
