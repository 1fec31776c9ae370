// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::metrics {
namespace {

using Ranks = std::vector<double>;
using Places = std::vector<std::uint32_t>;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The definition by sorting: tied targets behind or before their ties.
Ranks sorted_ranks(const std::vector<float>& scores, const Places& targets,
                   const Places& excluded, bool targets_last) {
  const auto among = [](const Places& list, std::uint32_t i) {
    return std::find(list.begin(), list.end(), i) != list.end();
  };
  Places order;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (among(targets, i) || !among(excluded, i)) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    if (scores[a] != scores[b]) return scores[a] > scores[b];
    return targets_last ? among(targets, a) < among(targets, b)
                        : among(targets, a) > among(targets, b);
  });
  Ranks out;
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (among(targets, order[place])) {
      out.push_back(static_cast<double>(place + 1));
    }
  }
  return out;
}

TEST(Ranks, CountHigherScoresAndStartAtOne) {
  const std::vector<float> scores = {0.5F, 3, 2, 1};
  EXPECT_EQ(ranks_of(scores, Places{1}), Ranks{1});
  EXPECT_EQ(ranks_of(scores, Places{3}), Ranks{3});
  EXPECT_EQ(ranks_of(scores, Places{0}), Ranks{4});
}

TEST(Ranks, ATiedTargetStandsLastFirstOrInTheMiddle) {
  const std::vector<float> scores = {9, 5, 5, 5, 1};  // ranks 2, 3, 4 are tied
  const Places target = {2};
  EXPECT_EQ(ranks_of(scores, target, {}, TieRule::kPessimistic), Ranks{4});
  EXPECT_EQ(ranks_of(scores, target, {}, TieRule::kOptimistic), Ranks{2});
  EXPECT_EQ(ranks_of(scores, target, {}, TieRule::kMean), Ranks{3});
}

TEST(Ranks, TiedTargetsTakeConsecutiveRanks) {
  const std::vector<float> scores = {9, 5, 5, 5, 1};
  const Places targets = {3, 1};
  EXPECT_EQ(ranks_of(scores, targets, {}, TieRule::kPessimistic),
            (Ranks{3, 4}));
  EXPECT_EQ(ranks_of(scores, targets, {}, TieRule::kOptimistic), (Ranks{2, 3}));
}

TEST(Ranks, TheMeanRuleGivesTheMeanOverAllOrdersOfTheTie) {
  // Two targets among four tied items: the smaller of two of the places 1…4
  // is 5/3 on average, the larger 10/3.
  const Ranks ranks = ranks_of(std::vector<float>{7, 7, 7, 7}, Places{0, 2}, {},
                               TieRule::kMean);
  ASSERT_EQ(ranks.size(), 2u);
  EXPECT_DOUBLE_EQ(ranks[0], 5.0 / 3);
  EXPECT_DOUBLE_EQ(ranks[1], 10.0 / 3);
}

TEST(Ranks, TargetsRankAmongEachOther) {
  EXPECT_EQ(ranks_of(std::vector<float>{4, 3, 2, 1}, Places{2, 0}),
            (Ranks{1, 3}));
}

TEST(Ranks, ExcludedItemsAreNotCountedButAnExcludedTargetIs) {
  const std::vector<float> scores = {4, 3, 2, 1};
  EXPECT_EQ(ranks_of(scores, Places{3}, Places{0, 2}), Ranks{2});
  EXPECT_EQ(ranks_of(scores, Places{3}, Places{0, 2, 3}), Ranks{2});
}

TEST(Ranks, AConstantModelIsLastByTheDefaultRule) {
  EXPECT_EQ(ranks_of(std::vector<float>(100, 0.0F), Places{0}), Ranks{100});
}

TEST(Ranks, NanIsBelowEveryNumberAndTiesWithNan) {
  const float low = -std::numeric_limits<float>::infinity();
  const std::vector<float> scores = {kNan, low, kNan, 1};
  EXPECT_EQ(ranks_of(scores, Places{1}), Ranks{2});
  EXPECT_EQ(ranks_of(scores, Places{0}), Ranks{4});
  EXPECT_EQ(ranks_of(scores, Places{0}, {}, TieRule::kOptimistic), Ranks{3});
  EXPECT_EQ(ranks_of(scores, Places{0}, Places{2, 3}), Ranks{2});
}

TEST(Ranks, NoTargetsGiveNoRanks) {
  EXPECT_TRUE(ranks_of(std::vector<float>{1, 2}, {}).empty());
}

TEST(Ranks, EqualAFullSortOnRandomScoresWithManyTies) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Rng rng(seed);
    const std::size_t items = 1 + rng.below(3000);  // blocks and their rests
    std::vector<float> scores(items);
    for (float& s : scores) s = static_cast<float>(rng.below(40));
    Places all(items);
    std::iota(all.begin(), all.end(), 0u);
    shuffle(all, rng);
    const std::size_t cut = std::min<std::size_t>(items, 1 + rng.below(30));
    const Places targets(all.begin(), all.begin() + static_cast<long>(cut));
    const Places excluded(all.begin() + static_cast<long>(cut / 2),
                          all.begin() + static_cast<long>(items / 2 + cut / 2));
    EXPECT_EQ(ranks_of(scores, targets, excluded),
              sorted_ranks(scores, targets, excluded, true))
        << "seed " << seed;
    EXPECT_EQ(ranks_of(scores, targets, excluded, TieRule::kOptimistic),
              sorted_ranks(scores, targets, excluded, false))
        << "seed " << seed;
  }
}

TEST(TieRule, IsFoundByItsNameAlone) {
  EXPECT_EQ(tie_rule("mean"), TieRule::kMean);
  EXPECT_THROW(tie_rule("lucky"), Error);
}

}  // namespace
}  // namespace ensue::metrics
