// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/session_index.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

using events::Millis;
using Ids = std::vector<std::uint32_t>;
using Offsets = std::vector<std::uint64_t>;

// Of an ordered log.
SessionIndex index_of(const Sequences& sequences,
                      const artifact::SessionKnnConfig& config) {
  return index_sessions(sequences, config, /*baskets=*/false);
}

struct Row {
  std::uint32_t user, item;
  std::int64_t minute;
};

Sequences sequences_of(std::size_t catalogue, const std::vector<Row>& rows) {
  Sequences out;
  out.catalogue = catalogue;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.items.push_back(rows[i].item);
    out.times.push_back(Millis{rows[i].minute * 60'000});
    if (i + 1 == rows.size() || rows[i + 1].user != rows[i].user) {
      out.offsets.push_back(i + 1);
    }
  }
  return out;
}

TEST(SessionIndex, NumbersSessionsByTheTimeOfTheirLastEvent) {
  const auto got = index_of(
      sequences_of(2, {{0, 0, 1}, {0, 0, 9}, {1, 1, 2}, {1, 1, 3}}), {});
  EXPECT_EQ(got.session_items, Ids({1, 0}));  // user 1 ended first
  EXPECT_EQ(got.item_sessions, Ids({1, 0}));
}

TEST(SessionIndex, KeepsTheOrderOfUsersAtEqualTimes) {
  const auto got = index_of(sequences_of(2, {{0, 1, 5}, {1, 0, 5}}), {});
  EXPECT_EQ(got.session_items, Ids({1, 0}));
}

TEST(SessionIndex, HoldsAnItemOncePerSession) {
  const auto got =
      index_of(sequences_of(3, {{0, 2, 1}, {0, 1, 2}, {0, 2, 3}}), {});
  EXPECT_EQ(got.session_items, Ids({1, 2}));
  EXPECT_EQ(got.item_offsets, Offsets({0, 0, 1, 2}));
}

TEST(SessionIndex, ListsTheNewestSessionsOfAnItemFirst) {
  const auto got = index_of(sequences_of(1, {{0, 0, 1}, {1, 0, 2}, {2, 0, 3}}),
                            {.recent = 2});
  EXPECT_EQ(got.item_sessions.size(), 2u);
  EXPECT_GT(got.item_sessions[0], got.item_sessions[1]);
}

TEST(SessionIndex, DropsSessionsThatNoItemLists) {
  // Item 1 of the oldest session is listed, so the session stays for it;
  // the second session holds item 0 alone, behind a newer one.
  const auto got =
      index_of(sequences_of(2, {{0, 0, 1}, {0, 1, 1}, {1, 0, 2}, {2, 0, 3}}),
               {.recent = 1});
  EXPECT_EQ(got.session_offsets, Offsets({0, 2, 3}));
  EXPECT_EQ(got.item_sessions, Ids({1, 0}));
}

TEST(SessionIndex, WeighsRareItemsByTheLogarithmOfTheirRarity) {
  const auto got = index_of(sequences_of(3, {{0, 0, 1}, {0, 1, 1}, {1, 0, 2}}),
                            {.recent = 1});
  EXPECT_FLOAT_EQ(got.weight[0], 1);  // in both sessions, listed or not
  EXPECT_FLOAT_EQ(got.weight[1], 1 + std::log(2.0F));
  EXPECT_FLOAT_EQ(got.weight[2], 1);  // never seen
}

TEST(SessionIndex, CutsAUsersHistoryWhereTheGapIsLonger) {
  const std::vector<Row> rows = {{0, 0, 0}, {0, 1, 30}, {0, 2, 61}};
  const auto whole = index_of(sequences_of(3, rows), {});
  EXPECT_EQ(whole.session_offsets, Offsets({0, 3}));
  const auto cut = index_of(sequences_of(3, rows), {.gap_minutes = 30});
  EXPECT_EQ(cut.session_offsets, Offsets({0, 2, 3}));
}

TEST(SessionIndex, CutsALongSessionFromItsEnd) {
  const std::vector<Row> rows = {{0, 0, 1}, {0, 1, 2}, {0, 2, 3}};
  const auto got = index_of(sequences_of(3, rows), {.session_events = 2});
  EXPECT_EQ(got.session_offsets, Offsets({0, 1, 3}));
  EXPECT_EQ(got.session_items, Ids({0, 1, 2}));
}

TEST(SessionIndex, NeverCutsInsideABasket) {
  // Baskets of 1, 2 and 3 items: the last is too large and stays alone, and
  // the two others fill a session exactly.
  const std::vector<Row> rows = {{0, 0, 1}, {0, 1, 2}, {0, 2, 2},
                                 {0, 3, 3}, {0, 4, 3}, {0, 5, 3}};
  const auto two = index_sessions(sequences_of(6, rows), {.session_events = 2},
                                  /*baskets=*/true);
  EXPECT_EQ(two.session_offsets, Offsets({0, 1, 3, 6}));
  const auto three = index_sessions(sequences_of(6, rows),
                                    {.session_events = 3}, /*baskets=*/true);
  EXPECT_EQ(three.session_offsets, Offsets({0, 3, 6}));
}

TEST(SessionIndex, RefusesOptionsOutOfRange) {
  const auto rows = sequences_of(1, {{0, 0, 1}});
  EXPECT_THROW(index_of(rows, {.recent = 0}), Error);
  EXPECT_THROW(index_of(rows, {.session_events = -1}), Error);
  EXPECT_THROW(index_of(rows, {.gap_minutes = -1}), Error);
}

}  // namespace
}  // namespace ensue::classic
