// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/corpus.h"

#include <gtest/gtest.h>

#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::train {
namespace {

using events::Millis;

// One user: a | b c | d, then e, which is not for training.
events::Log baskets(bool ordered) {
  events::Schema schema;
  schema.order_within_instant = ordered;
  events::LogBuilder builder(schema);
  builder.add("u", "a", Millis{1}).add("u", "b", Millis{5}, "buy");
  builder.add("u", "c", Millis{5}).add("u", "d", Millis{9});
  builder.add("u", "e", Millis{11}, "return");
  return builder.build();
}

judge::Split first_four() {
  judge::Split split;
  split.train = {{0, 4}};
  return split;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> targets(const Corpus& c) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
  for (std::size_t i = 0; i < c.size(); ++i) {
    out.emplace_back(c.target_begin[i], c.target_end[i]);
  }
  return out;
}

TEST(Corpus, TheLastEventOfABasketPredictsTheWholeNextBasket) {
  const Corpus c = make_corpus(baskets(/*ordered=*/false), first_four());
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  // a -> {b, c}; b -> nothing; c -> {d}; d -> nothing
  EXPECT_EQ(targets(c), (Pairs{{1, 3}, {3, 3}, {3, 4}, {4, 4}}));
  EXPECT_EQ(c.instants, (std::vector<std::uint32_t>{0, 1, 1, 2}));
}

TEST(Corpus, EveryEventPredictsTheNextWhereOrderIsReal) {
  const Corpus c = make_corpus(baskets(/*ordered=*/true), first_four());
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  EXPECT_EQ(targets(c), (Pairs{{1, 2}, {2, 3}, {3, 4}, {4, 4}}));
}

TEST(Corpus, KeepsTheTimesOfTrainingEvents) {
  const Corpus c = make_corpus(baskets(false), first_four());
  EXPECT_EQ(c.times, (std::vector{Millis{1}, Millis{5}, Millis{5}, Millis{9}}));
}

TEST(Corpus, KnowsOnlyWhatTrainingHasSeen) {
  const events::Log log = baskets(false);
  const Corpus c = make_corpus(log, first_four());
  const auto d = describe(log, c, {}, {});
  ASSERT_EQ(d.items.size(), 4U);
  EXPECT_EQ(d.items.name(3), "d");
  EXPECT_FALSE(d.items.find("e"));
  ASSERT_EQ(d.actions.size(), 2U);
  EXPECT_FALSE(d.actions.find("return"));
  EXPECT_EQ(c.popularity, (std::vector<std::uint64_t>{1, 1, 1, 1}));
}

TEST(Corpus, SaysWhatItWasMadeFrom) {
  const events::Log log = baskets(false);
  const auto d = describe(log, make_corpus(log, first_four()), {}, {});
  EXPECT_EQ(d.data.at("log").as_string(), to_hex(log.fingerprint()).c_str());
  EXPECT_EQ(d.data.at("events").to_number<int>(), 4);
  EXPECT_EQ(d.data.at("until").to_number<int>(), 9);
}

TEST(Corpus, TakesTheRowsOfSeenItemsFromTheItemTable) {
  events::Log log = baskets(false);
  events::Table table;
  table.columns.push_back(
      {"title", std::vector<std::string>{"A", "B", "C", "D", "E"}});
  log.set_item_table(table);
  judge::Split split;
  split.train = {{1, 3}};  // b, c
  const auto d = describe(log, make_corpus(log, split), {}, {});
  ASSERT_EQ(d.item_table.rows(), 2U);
  EXPECT_EQ(d.item_table.find("title")->text(0), "B");
}

TEST(Corpus, RefusesASplitOfAnotherLogAndAnEmptyOne) {
  judge::Split split;
  EXPECT_THROW(make_corpus(baskets(false), split), Error);
  split.train = {{0, 9}};
  EXPECT_THROW(make_corpus(baskets(false), split), Error);
  split.train = {{0, 0}};
  EXPECT_THROW(make_corpus(baskets(false), split), Error);
}

}  // namespace
}  // namespace ensue::train
