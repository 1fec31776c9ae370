// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/judge/testing.h"

namespace ensue::judge {
namespace {

using events::ItemId, events::Log, events::LogBuilder, events::Millis;
using testing::random_log, testing::RandomLog;

// Scores by a function of (query, place); knows the first `items` items.
class FakeScorer : public Scorer {
 public:
  using Rule = std::function<float(const Query&, std::uint32_t place)>;
  FakeScorer(std::size_t items, Rule rule)
      : items_(items), rule_(std::move(rule)) {}
  std::string name() const override { return "fake"; }
  std::size_t items() const override { return items_; }
  std::optional<std::uint32_t> place(ItemId item) const override {
    const std::uint32_t i = events::index(item);
    return i < items_ ? std::optional(i) : std::nullopt;
  }
  void score(const Log&, std::span<const Query> queries,
             const Sink& sink) const override {
    std::vector<float> out(items_);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      for (std::uint32_t i = 0; i < items_; ++i) out[i] = rule_(queries[q], i);
      sink(q, out);
    }
  }

 private:
  std::size_t items_;
  Rule rule_;
};

float noise(const Query& q, std::uint32_t place) {
  return static_cast<float>(Rng::mix(events::index(q.user) * 1000003ULL +
                                     q.history * 1009ULL + place) %
                            17);
}

Millis day(int n) { return Millis{n * events::kDayMs}; }

// Items a … e are places 0 … 4. Ann is asked for {b, c}, then for a; Bob for d.
struct Shop {
  Log log = LogBuilder()
                .add("ann", "a", day(0))
                .add("bob", "b", day(1))
                .add("bob", "c", day(2))
                .add("bob", "d", day(3))
                .add("bob", "e", day(4))
                .add("ann", "b", day(8))
                .add("ann", "c", day(8), "purchase")
                .add("bob", "d", day(8))
                .add("ann", "a", day(9))
                .build();
  Split split = [this] {
    SplitOptions o;
    o.validation = 0;
    o.test_from = "1970-01-09";
    return make_split(log, o);
  }();

  Evaluation judge(const Scorer& scorer, EvaluateOptions o = {}) const {
    o.ks = {1, 3};
    return evaluate(log, split, split.test, scorer, o);
  }
};

// a best, then b, c, d, e.
const FakeScorer kAlphabet(5, [](const Query&, std::uint32_t place) {
  return -static_cast<float>(place);
});

TEST(Evaluate, AveragesQuestionsOfAUserFirstAndUsersSecond) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  EXPECT_EQ(e.users, 2u);
  EXPECT_EQ(e.queries, 3u);
  EXPECT_EQ(e.targets, 4u);
  // Ann: {b, c} at ranks 2 and 3, a at rank 1; Bob: d at rank 4.
  EXPECT_EQ(e.per_user.at("recall@3"), (std::vector<double>{1, 0}));
  EXPECT_EQ(e.per_user.at("hit@1"), (std::vector<double>{0.5, 0}));
  EXPECT_DOUBLE_EQ(e.metrics.at("mrr@3").mean, ((1.0 / 2 + 1) / 2 + 0) / 2);
  const double basket =
      (1 / std::log2(3.0) + 1 / std::log2(4.0)) / (1 + 1 / std::log2(3.0));
  EXPECT_DOUBLE_EQ(e.metrics.at("ndcg@3").mean, ((basket + 1) / 2 + 0) / 2);
}

TEST(Evaluate, AlsoAveragesOverQuestionsAsSessionTablesDo) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  EXPECT_DOUBLE_EQ(e.per_query.at("mrr@3"), (1.0 / 2 + 1 + 0) / 3);
}

TEST(Evaluate, MeasuresTheWholePredictedDistribution) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  double sum = 0;
  for (int i = 0; i < 5; ++i) sum += std::exp(-i);
  const double z = std::log(sum);  // item i costs z + i
  EXPECT_NEAR(e.metrics.at("logloss").mean, ((z + 1.5 + z) / 2 + (z + 3)) / 2,
              1e-5);
}

TEST(Evaluate, KeepsUnknownTargetsInTheDenominator) {
  const FakeScorer two(2, [](const Query&, std::uint32_t) { return 0.0F; });
  const Evaluation e = Shop{}.judge(two);  // knows a and b alone
  EXPECT_DOUBLE_EQ(e.unknown_targets, 2.0 / 4);
  EXPECT_EQ(e.per_user.at("recall@3"), (std::vector<double>{0.75, 0}));
  EXPECT_EQ(e.per_user.at("logloss")[1], std::log(3.0));  // uniform, one more
}

TEST(Evaluate, PutsAConstantModelLastByThePessimisticRule) {
  const FakeScorer flat(5, [](const Query&, std::uint32_t) { return 1.0F; });
  EvaluateOptions o;
  EXPECT_EQ(Shop{}.judge(flat, o).metrics.at("hit@3").mean, 0);
  o.ties = TieRule::kOptimistic;
  EXPECT_EQ(Shop{}.judge(flat, o).metrics.at("hit@3").mean, 1);
}

TEST(Evaluate, LeavesSeenItemsOutOfTheRankingButNotATargetAmongThem) {
  Shop shop;
  shop.split.remove_seen = true;
  const Evaluation e = shop.judge(kAlphabet);
  // Bob saw b, c, d, e: d stands behind a alone. Ann's a was seen: still 1.
  EXPECT_EQ(e.per_user.at("mrr@3")[1], 0.5);
  EXPECT_EQ(e.per_user.at("hit@1")[0], 1);  // {b, c} without a, then a
}

TEST(Evaluate, CountsListsOfAllQuestions) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  EXPECT_DOUBLE_EQ(e.totals.at("coverage@3"), 3.0 / 5);
  EXPECT_DOUBLE_EQ(e.totals.at("gini@1"), 0.8);
  // a, b and c each belong to one of two training users: 1 bit.
  EXPECT_DOUBLE_EQ(e.totals.at("novelty@3"), 1);
}

TEST(Evaluate, KeepsSeenItemsOutOfTheLists) {
  Shop shop;
  shop.split.remove_seen = true;
  const Evaluation e = shop.judge(kAlphabet);
  // b c d | a d e (a is the target) | a d: everything shows.
  EXPECT_DOUBLE_EQ(e.totals.at("coverage@3"), 1);
}

const Evaluation::Slice* find(const Evaluation& e, const std::string& by,
                              const std::string& value) {
  for (const auto& slice : e.slices) {
    if (slice.by == by && slice.value == value) return &slice;
  }
  return nullptr;
}

TEST(Evaluate, SlicesByHistoryLength) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  ASSERT_NE(find(e, "history", "1-4"), nullptr);
  EXPECT_EQ(find(e, "history", "1-4")->queries, 3u);
  EXPECT_EQ(find(e, "history", "50+"), nullptr);
}

TEST(Evaluate, SlicesByActionWithTheTargetsOfThatActionAlone) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  const auto* purchases = find(e, "action", "purchase");
  ASSERT_NE(purchases, nullptr);
  EXPECT_EQ(purchases->queries, 1u);  // c, at rank 3
  EXPECT_DOUBLE_EQ(purchases->metrics.at("mrr@3"), 1.0 / 3);
  EXPECT_EQ(find(e, "action", "view")->queries, 3u);
}

TEST(Evaluate, SlicesByThirdsOfTheTrainingEvents) {
  // Training: a three times, b twice, c once; d is new.
  LogBuilder builder;
  int at = 0;
  for (const char* item : {"a", "a", "a", "b", "b", "c"}) {
    builder.add("u", item, day(at++));
  }
  for (const char* item : {"a", "b", "c", "d"}) {
    builder.add("v", item, day(at++));
  }
  const Log log = builder.build();
  SplitOptions o;
  o.validation = 0;
  o.test_from = "1970-01-07";
  const Split split = make_split(log, o);
  const Evaluation e = evaluate(log, split, split.test, kAlphabet);
  for (const char* value : {"head", "middle", "tail", "new"}) {
    ASSERT_NE(find(e, "popularity", value), nullptr) << value;
    EXPECT_EQ(find(e, "popularity", value)->queries, 1u) << value;
  }
  EXPECT_EQ(find(e, "popularity", "middle")->metrics.at("mrr@10"), 0.5);
  EXPECT_EQ(find(e, "history", "0")->queries, 1u);
}

TEST(Evaluate, DoesNotDependOnThreads) {
  RandomLog shape;
  shape.events = 4000;
  shape.users = 200;
  const Log log = random_log(7, shape);
  const Split split = make_split(log, {});
  const FakeScorer scorer(20, noise);
  set_threads(1);
  const Evaluation one = evaluate(log, split, split.test, scorer);
  for (const int threads : {2, 3}) {
    set_threads(threads);
    const Evaluation many = evaluate(log, split, split.test, scorer);
    EXPECT_EQ(many.per_user, one.per_user);
    EXPECT_EQ(many.totals, one.totals);
    for (const auto& [name, interval] : one.metrics) {
      EXPECT_EQ(many.metrics.at(name).low, interval.low) << name;
      EXPECT_EQ(many.metrics.at(name).high, interval.high) << name;
    }
    ASSERT_EQ(many.slices.size(), one.slices.size());
    for (std::size_t s = 0; s < one.slices.size(); ++s) {
      EXPECT_EQ(many.slices[s].metrics, one.slices[s].metrics);
    }
  }
  set_threads(0);
}

TEST(Evaluate, GivesTheTruthItsBestValues) {
  const Log log = random_log(2);
  const Split split = make_split(log, {});
  const FakeScorer truth(log.items(), [&](const Query& q, std::uint32_t i) {
    const auto items = log.history(q.user).items;
    for (std::uint32_t t = q.targets.begin; t < q.targets.end; ++t) {
      if (items[t] == ItemId{i}) return 50.0F;
    }
    return 0.0F;
  });
  const Evaluation e = evaluate(log, split, split.test, truth);
  EXPECT_EQ(e.metrics.at("ndcg@10").mean, 1);
  EXPECT_EQ(e.metrics.at("map@10").low, 1);
}

TEST(Evaluate, BracketsTheMeanWithItsInterval) {
  const Log log = random_log(3);
  const Split split = make_split(log, {});
  const Evaluation e =
      evaluate(log, split, split.test, FakeScorer(log.items(), noise));
  const Interval i = e.metrics.at("ndcg@10");
  EXPECT_LT(i.low, i.mean);
  EXPECT_LT(i.mean, i.high);
}

TEST(Evaluate, LeavesOutQuestionsWithoutATargetItem) {
  const Log log = random_log(4);
  SplitOptions o;
  o.kind = "rolling-user";
  o.horizon_days = 5;
  const Split split = make_split(log, o);
  std::size_t empty = 0;
  for (const Query& q : split.test) empty += q.targets.size() == 0 ? 1u : 0u;
  const Evaluation e =
      evaluate(log, split, split.test, FakeScorer(log.items(), noise));
  EXPECT_GT(empty, 0u);
  EXPECT_LE(e.queries + empty, split.test.size());
}

TEST(Evaluate, RefusesNoQuestionsAndNoListLength) {
  const Shop shop;
  EXPECT_THROW(evaluate(shop.log, shop.split, {}, kAlphabet), Error);
  EvaluateOptions o;
  o.ks = {0};
  EXPECT_THROW(evaluate(shop.log, shop.split, shop.split.test, kAlphabet, o),
               Error);
}

TEST(Evaluate, ReportsEveryUserToProgress) {
  const Shop shop;
  double done = 0;
  evaluate(shop.log, shop.split, shop.split.test, kAlphabet, {},
           [&](const Progress& p) { done = p.done; });
  EXPECT_EQ(done, 2);
}

TEST(Compare, FindsNoDifferenceBetweenAModelAndItself) {
  const Evaluation e = Shop{}.judge(kAlphabet);
  const Comparison same = compare(e, e, "ndcg@3");
  EXPECT_EQ(same.difference.low, 0);
  EXPECT_EQ(same.difference.high, 0);
  EXPECT_EQ(same.p_value, 1);
}

TEST(Compare, TellsABetterModelFromNoise) {
  RandomLog shape;
  shape.users = 100;
  shape.events = 2000;
  const Log log = random_log(5, shape);
  const Split split = make_split(log, {});
  const auto better = [&](const Query& q, std::uint32_t i) {
    const auto items = log.history(q.user).items;
    return noise(q, i) + (items[q.targets.begin] == ItemId{i} ? 6.0F : 0.0F);
  };
  const auto a =
      evaluate(log, split, split.test, FakeScorer(log.items(), better));
  const auto b =
      evaluate(log, split, split.test, FakeScorer(log.items(), noise));
  const Comparison c = compare(a, b, "ndcg@10");
  EXPECT_GT(c.difference.low, 0);
  EXPECT_LT(c.p_value, 0.01);
}

TEST(Compare, RefusesEvaluationsOfDifferentQuestions) {
  const Shop shop;
  const Evaluation a = shop.judge(kAlphabet);
  Evaluation b = a;
  b.queries = 2;
  EXPECT_THROW(compare(a, b, "ndcg@3"), Error);
  EXPECT_THROW(compare(a, a, "ndcg@7"), Error);
}

}  // namespace
}  // namespace ensue::judge
