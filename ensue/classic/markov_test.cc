// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/markov.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::classic {
namespace {

using events::Millis;
using Items = std::vector<std::uint32_t>;

// One user whose instants are the given sets.
Instants instants_of(std::size_t catalogue, const std::vector<Items>& sets) {
  Sequences s;
  s.catalogue = catalogue;
  std::int64_t time = 0;
  for (const Items& set : sets) {
    ++time;
    for (const std::uint32_t item : set) {
      s.items.push_back(item);
      s.times.push_back(Millis{time});
    }
  }
  s.offsets.push_back(s.items.size());
  return group_instants(s, /*baskets=*/true);
}

TEST(CountTransitions, DividesByTheCountAndTheBackOffTogether) {
  // 0 -> 1, 1 -> 0, 0 -> 1, 1 -> 2: n_0 = 2 (all to 1), n_1 = 2.
  const auto got = count_transitions(instants_of(3, {{0}, {1}, {0}, {1}, {2}}),
                                     {.backoff = 2});
  EXPECT_EQ(got.offsets, std::vector<std::uint64_t>({0, 1, 3, 3}));
  EXPECT_EQ(got.next, Items({1, 0, 2}));
  EXPECT_EQ(got.probability, std::vector<float>({0.5F, 0.25F, 0.25F}));
  EXPECT_EQ(got.backoff, std::vector<float>({0.5F, 0.5F, 1.0F}));
}

TEST(CountTransitions, GivesEveryItemOfANextBasketAnEqualShare) {
  const auto got =
      count_transitions(instants_of(4, {{0, 1}, {2, 3}}), {.backoff = 1});
  EXPECT_EQ(got.offsets, std::vector<std::uint64_t>({0, 2, 4, 4, 4}));
  EXPECT_EQ(got.next, Items({2, 3, 2, 3}));
  for (const float p : got.probability) EXPECT_FLOAT_EQ(p, 0.25F);
}

TEST(CountTransitions, RefusesABackOffOfNothing) {
  EXPECT_THROW(count_transitions(instants_of(2, {{0}, {1}}), {.backoff = 0}),
               Error);
}

TEST(CountTransitions, EqualAPlainCountOverRandomBaskets) {
  Rng rng(7);
  const std::size_t catalogue = 9;
  std::vector<Items> sets(60);
  for (Items& set : sets) {
    for (std::uint32_t item = 0; item < catalogue; ++item) {
      if (rng.chance(0.3)) set.push_back(item);
    }
    if (set.empty()) set.push_back(0);
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> pairs;
  std::vector<double> from(catalogue, 0);
  for (std::size_t t = 0; t + 1 < sets.size(); ++t) {
    for (const std::uint32_t i : sets[t]) {
      from[i] += 1;
      for (const std::uint32_t j : sets[t + 1]) {
        pairs[{i, j}] += 1.0 / static_cast<double>(sets[t + 1].size());
      }
    }
  }

  const auto got =
      count_transitions(instants_of(catalogue, sets), {.backoff = 3});
  ASSERT_EQ(got.next.size(), pairs.size());
  std::size_t place = 0;
  for (const auto& [pair, weight] : pairs) {  // by row, then by column
    EXPECT_EQ(got.next[place], pair.second);
    EXPECT_NEAR(got.probability[place], weight / (from[pair.first] + 3), 1e-6)
        << pair.first << " -> " << pair.second;
    ++place;
  }
}

TEST(CountTransitions, RowsAndTheirBackOffSumToOne) {
  const auto got = count_transitions(
      instants_of(4, {{0, 1}, {1, 2, 3}, {0}, {3}, {0, 1}}), {.backoff = 10});
  for (std::size_t i = 0; i < 4; ++i) {
    const auto row = got.probability.begin();
    EXPECT_NEAR(
        std::accumulate(row + static_cast<std::ptrdiff_t>(got.offsets[i]),
                        row + static_cast<std::ptrdiff_t>(got.offsets[i + 1]),
                        static_cast<double>(got.backoff[i])),
        1, 1e-6)
        << "item " << i;
  }
}

}  // namespace
}  // namespace ensue::classic
