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

TEST(Corpus, OnlyChosenInstantsArePredictedAndOnlyByThoseJustBefore) {
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  std::vector<bool> chosen = {true, false, false, true, true};
  CorpusOptions options;
  options.targets = &chosen;
  const events::Log log = baskets(/*ordered=*/false);
  // a -> nothing; c -> {d}
  EXPECT_EQ(targets(make_corpus(log, first_four(), options)),
            (Pairs{{1, 1}, {3, 3}, {3, 4}, {4, 4}}));
  // One event of a basket brings the whole one along.
  chosen = {false, false, true, false, false};
  EXPECT_EQ(targets(make_corpus(log, first_four(), options)),
            (Pairs{{1, 3}, {3, 3}, {3, 3}, {4, 4}}));
  chosen.pop_back();
  EXPECT_THROW(make_corpus(log, first_four(), options), Error);
}

TEST(Corpus, EveryEventPredictsTheNextWhereOrderIsReal) {
  const Corpus c = make_corpus(baskets(/*ordered=*/true), first_four());
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  EXPECT_EQ(targets(c), (Pairs{{1, 2}, {2, 3}, {3, 4}, {4, 4}}));
}

TEST(Corpus, AsksForTheNextEventOfTheChosenActions) {
  events::LogBuilder builder;
  const std::vector<std::string> actions = {"view", "buy", "view",
                                            "view", "buy", "view"};
  for (std::size_t i = 0; i < actions.size(); ++i) {
    builder.add("u", "i" + std::to_string(i),
                Millis{static_cast<std::int64_t>(i)}, actions[i]);
  }
  judge::Split split;
  split.train = {{0, 6}};
  const Corpus c =
      make_corpus(builder.build(), split, {.target_actions = {"buy"}});
  using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  EXPECT_EQ(targets(c),
            (Pairs{{1, 2}, {4, 5}, {4, 5}, {4, 5}, {6, 6}, {6, 6}}));
  EXPECT_FALSE(c.is_target(0));
  EXPECT_TRUE(c.is_target(4));
  EXPECT_EQ(c.popularity, std::vector<std::uint64_t>(6, 1));
}

TEST(Corpus, RefusesAnActionThatTrainingHasNotSeen) {
  try {
    make_corpus(baskets(false), first_four(), {.target_actions = {"by"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kNotFound);
    EXPECT_STREQ(error.what(),
                 "train.target_actions: 'by', expected view, buy");
  }
}

TEST(Corpus, OnlyTheDrawnUsersHaveLabels) {
  events::LogBuilder builder;
  judge::Split split;
  for (int user = 0; user < 400; ++user) {
    for (int i = 0; i < 3; ++i) {
      builder.add("u" + std::to_string(user), "i" + std::to_string(i),
                  Millis{i});
    }
    split.train.push_back({0, 3});
  }
  const events::Log log = builder.build();
  const auto labelled = [&](std::uint64_t seed) {
    const Corpus c =
        make_corpus(log, split, {.label_share = 0.25, .seed = seed});
    EXPECT_EQ(c.size(), 1200U) << "all events are seen";
    std::vector<std::size_t> users;
    for (std::size_t u = 0; u < c.users(); ++u) {
      const std::uint64_t at = c.offsets[u];
      EXPECT_EQ(c.target_begin[at] < c.target_end[at],
                c.target_begin[at + 1] < c.target_end[at + 1]);
      if (c.target_begin[at] < c.target_end[at]) users.push_back(u);
    }
    return users;
  };
  EXPECT_NEAR(static_cast<double>(labelled(1).size()), 100, 30);
  EXPECT_EQ(labelled(1), labelled(1));
  EXPECT_NE(labelled(1), labelled(2));
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
