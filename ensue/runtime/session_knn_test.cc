// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/session_knn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::runtime {
namespace {

using Sessions = std::vector<std::set<std::uint32_t>>;  // oldest first
using Config = artifact::SessionKnnConfig;

// The tables of given sessions, every session listed, all popularities equal.
struct Tables {
  std::vector<float> log_popularity, weight;
  std::vector<std::uint64_t> item_offsets = {0}, session_offsets = {0};
  std::vector<std::uint32_t> item_sessions, session_items;

  Tables(std::size_t items, const Sessions& sessions) {
    log_popularity.assign(items, std::log(1.0F / static_cast<float>(items)));
    for (std::uint32_t item = 0; item < items; ++item) {
      for (std::size_t s = sessions.size(); s-- > 0;) {
        if (!sessions[s].contains(item)) continue;
        item_sessions.push_back(static_cast<std::uint32_t>(s));
      }
      const auto with =
          static_cast<float>(item_sessions.size() - item_offsets.back());
      weight.push_back(
          with == 0 ? 1
                    : 1 + std::log(static_cast<float>(sessions.size()) / with));
      item_offsets.push_back(item_sessions.size());
    }
    for (const auto& session : sessions) {
      session_items.insert(session_items.end(), session.begin(), session.end());
      session_offsets.push_back(session_items.size());
    }
  }
  SessionTable table() const {
    return {log_popularity,
            weight,
            {item_offsets, item_sessions},
            {session_offsets, session_items}};
  }
  std::vector<float> probabilities(const std::vector<events::Event>& recent,
                                   const Config& config,
                                   bool baskets = false) const {
    std::vector<float> out(weight.size(), 9);
    SessionKnnHead(table(), config, baskets).score({}, recent, out);
    for (float& x : out) x = std::exp(x);
    return out;
  }
};

events::Event at(std::uint32_t item, std::int64_t time = 0) {
  return {.item = events::ItemId{item}, .time = events::Millis{time}};
}

// The definition, session by session, without any index.
std::vector<double> plain_vmis(const Tables& tables, const Sessions& sessions,
                               const std::vector<events::Event>& recent,
                               const Config& config, bool baskets) {
  std::vector<std::pair<std::uint32_t, int>> positions;  // item, 1 = last
  int position = 0;
  const std::size_t n = recent.size();
  for (std::size_t i = n; i-- > 0;) {
    if (i + 1 == n || !baskets || recent[i].time != recent[i + 1].time) {
      if (position == config.last_items) break;
      ++position;
    }
    const auto item = events::index(recent[i].item);
    if (std::ranges::none_of(positions,
                             [&](auto& p) { return p.first == item; })) {
      positions.emplace_back(item, position);
    }
  }
  std::vector<std::tuple<double, std::size_t, int>> found;
  for (std::size_t s = sessions.size();
       s-- > 0 && found.size() < static_cast<std::size_t>(config.recent);) {
    double similarity = 0;
    int latest = position + 1;
    for (const auto& [item, p] : positions) {
      if (!sessions[s].contains(item)) continue;
      similarity += position + 1 - p;  // times P: whole, so ties are exact
      latest = std::min(latest, p);
    }
    if (similarity > 0) found.emplace_back(similarity, s, latest);
  }
  std::ranges::sort(found, std::ranges::greater{});
  found.resize(
      std::min(found.size(), static_cast<std::size_t>(config.neighbours)));
  std::vector<double> mass(tables.weight.size(), 0);
  for (const auto& [similarity, s, latest] : found) {
    for (const std::uint32_t item : sessions[s]) {
      mass[item] += std::max(0.0, 1 - latest / 10.0) * similarity *
                    static_cast<double>(tables.weight[item]);
    }
  }
  const double total = std::accumulate(mass.begin(), mass.end(), 0.0);
  const double e = total > 0 ? config.popularity : 1;
  for (std::size_t i = 0; i < mass.size(); ++i) {
    const double popular = e * std::exp(double{tables.log_popularity[i]});
    mass[i] = popular + (total > 0 ? (1 - e) * mass[i] / total : 0);
  }
  return mass;
}

TEST(SessionKnnHead, VotesAsWorkedOutByHand) {
  // Items 0..3, sessions {0,1}, {0,2}, {3}. After 1, 0: positions 1 -> 2,
  // 0 -> 1, P = 2. Similarities 1 + 1/2 and 1, match weight .9 for both; weight
  // of 0 1 + log 3/2, of 1 and 2 1 + log 3.
  const Sessions sessions = {{0, 1}, {0, 2}, {3}};
  const auto got =
      Tables(4, sessions).probabilities({at(1), at(0)}, {.popularity = 0.2});
  const double common = 2.5 * (1 + std::log(1.5));
  const double rare = 1 + std::log(3.0);
  const double total = common + 1.5 * rare + rare;
  EXPECT_NEAR(got[0], .05 + .8 * common / total, 1e-6);
  EXPECT_NEAR(got[1], .05 + .8 * 1.5 * rare / total, 1e-6);
  EXPECT_NEAR(got[2], .05 + .8 * rare / total, 1e-6);
  EXPECT_NEAR(got[3], .05, 1e-6);
}

TEST(SessionKnnHead, EqualsThePlainDefinitionOnRandomSessions) {
  Rng rng(11);
  for (int round = 0; round < 200; ++round) {
    const std::size_t items = 2 + rng.below(12);
    Sessions sessions(1 + rng.below(40));
    for (auto& session : sessions) {
      for (std::size_t k = 1 + rng.below(5); k-- > 0;) {
        session.insert(static_cast<std::uint32_t>(rng.below(items)));
      }
    }
    std::vector<events::Event> recent;
    std::int64_t time = 0;
    for (std::size_t k = 1 + rng.below(15); k-- > 0;) {
      time += static_cast<std::int64_t>(rng.below(2));
      recent.push_back(at(static_cast<std::uint32_t>(rng.below(items)), time));
    }
    const Config config{.neighbours = static_cast<int>(1 + rng.below(8)),
                        .recent = static_cast<int>(1 + rng.below(20)),
                        .last_items = static_cast<int>(1 + rng.below(15)),
                        .popularity = 0.1};
    const bool baskets = rng.chance(0.5);
    const Tables tables(items, sessions);
    const auto expected = plain_vmis(tables, sessions, recent, config, baskets);
    const auto got = tables.probabilities(recent, config, baskets);
    for (std::size_t i = 0; i < items; ++i) {
      ASSERT_NEAR(got[i], expected[i], 1e-5)
          << "round " << round << " item " << i;
    }
  }
}

TEST(SessionKnnHead, LooksOnlyAtTheMostRecentSessions) {
  const Tables tables(4, {{0, 1}, {0, 2}, {3}});
  const auto got = tables.probabilities({at(0)}, {.recent = 1});
  EXPECT_GT(got[2], got[1]);
  EXPECT_FLOAT_EQ(got[1], got[3]);  // popularity alone
}

TEST(SessionKnnHead, PrefersTheMoreRecentOfEquallySimilarSessions) {
  const Tables tables(4, {{0, 1}, {0, 2}, {3}});
  const auto got = tables.probabilities({at(0)}, {.neighbours = 1});
  EXPECT_GT(got[2], got[1]);
  EXPECT_FLOAT_EQ(got[1], got[3]);
}

TEST(SessionKnnHead, PrefersTheMoreSimilarSessionToTheMoreRecent) {
  const Tables tables(4, {{0, 1, 2}, {0, 3}});
  const auto got = tables.probabilities({at(1), at(0)}, {.neighbours = 1});
  EXPECT_GT(got[2], got[3]);
}

TEST(SessionKnnHead, DoesNotDependOnTheOrderWithinABasket) {
  const Tables tables(5, {{0, 1}, {1, 2}, {0, 3}, {4}});
  EXPECT_EQ(tables.probabilities({at(0, 1), at(1, 1)}, {}, /*baskets=*/true),
            tables.probabilities({at(1, 1), at(0, 1)}, {}, /*baskets=*/true));
  EXPECT_NE(tables.probabilities({at(0, 1), at(1, 1)}, {}, /*baskets=*/false),
            tables.probabilities({at(1, 1), at(0, 1)}, {}, /*baskets=*/false));
}

TEST(SessionKnnHead, ForgetsItemsBeforeTheLast) {
  const Tables tables(4, {{0, 1}, {2, 3}});
  EXPECT_EQ(tables.probabilities({at(0), at(2)}, {.last_items = 1}),
            tables.probabilities({at(2)}, {.last_items = 1}));
}

TEST(SessionKnnHead, CountsBasketsNotEventsInABasketLog) {
  const Tables tables(5, {{0, 1}, {1, 2}, {0, 3}, {4}});
  const std::vector<events::Event> recent = {at(4, 1), at(0, 2), at(1, 2)};
  EXPECT_EQ(tables.probabilities(recent, {.last_items = 1}, /*baskets=*/true),
            tables.probabilities({at(0, 2), at(1, 2)}, {}, /*baskets=*/true));
}

TEST(SessionKnnHead, LooksAtTheLatestItemsOfABasketThatIsTooLarge) {
  const auto items = static_cast<std::uint32_t>(SessionKnnHead::kMaxItems + 1);
  const Tables tables(items + 1, {{0, items}, {1}});
  std::vector<events::Event> basket;
  for (std::uint32_t i = 0; i < items; ++i) basket.push_back(at(i, 1));
  const auto got = tables.probabilities(basket, {}, /*baskets=*/true);
  EXPECT_FLOAT_EQ(got[0], got[2]);  // the oldest is forgotten: popularity
  EXPECT_GT(got[1], got[2]);
}

TEST(SessionKnnHead, FallsBackToPopularity) {
  const Tables tables(4, {{0, 1}, {2}});
  const std::vector<float> even(4, 0.25F);
  for (const auto& recent : std::vector<std::vector<events::Event>>{
           {}, {at(3)}, {at(77)}, {{.item = events::kNoItem}}}) {
    const auto got = tables.probabilities(recent, {});
    for (const float p : got) EXPECT_NEAR(p, 0.25F, 1e-6);
  }
}

TEST(SessionKnnHead, OrdersItemsWithoutVotesByPopularity) {
  Tables tables(4, {{0, 1}, {2}, {3}});
  tables.log_popularity = {std::log(.4F), std::log(.3F), std::log(.1F),
                           std::log(.2F)};
  const auto got = tables.probabilities({at(0)}, {});
  EXPECT_GT(got[1], got[3]);
  EXPECT_GT(got[3], got[2]);
}

TEST(SessionKnnHead, GivesProbabilitiesThatSumToOne) {
  const Tables tables(5, {{0, 1}, {1, 2}, {0, 3}, {4}});
  const auto got = tables.probabilities({at(1), at(0)}, {});
  EXPECT_NEAR(std::accumulate(got.begin(), got.end(), 0.0), 1, 1e-6);
}

TEST(SessionKnnHead, RefusesOptionsOutOfRange) {
  const Tables tables(2, {{0, 1}});
  const auto refused = [&](const Config& config) {
    EXPECT_THROW(SessionKnnHead(tables.table(), config, false), Error);
  };
  refused({.neighbours = 0});
  refused({.recent = static_cast<int>(SessionKnnHead::kMaxRecent) + 1});
  refused({.last_items = static_cast<int>(SessionKnnHead::kMaxItems) + 1});
  refused({.popularity = 0});
  refused({.popularity = 1});
}

TEST(SessionKnnHead, RefusesATableThatDoesNotFitTogether) {
  const auto broken = [](auto&& change) {
    Tables tables(3, {{0, 1}, {1, 2}});
    change(tables);
    EXPECT_THROW(SessionKnnHead(tables.table(), {}, false), Error);
  };
  broken([](Tables& t) { t.item_sessions[0] = 2; });
  broken([](Tables& t) { t.session_items[0] = 3; });
  broken([](Tables& t) { t.weight.pop_back(); });
  broken([](Tables& t) { t.weight[0] = 0; });
  broken([](Tables& t) { std::swap(t.item_sessions[1], t.item_sessions[2]); });
  broken([](Tables& t) { t.log_popularity[0] = 0.5F; });
}

}  // namespace
}  // namespace ensue::runtime
