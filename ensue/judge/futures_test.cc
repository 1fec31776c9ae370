// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/futures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

// Views and purchases take turns, 3 s and 1 h after each other.
events::Log turns(int users, int length) {
  events::LogBuilder builder;
  for (int user = 0; user < users; ++user) {
    std::int64_t now = 0;
    for (int i = 0; i < length; ++i) {
      now += i % 2 == 1 ? 3000 : 3600 * 1000;
      builder.add("u" + std::to_string(user), "i" + std::to_string(i % 4),
                  events::Millis{now}, i % 2 == 1 ? "buy" : "view");
    }
  }
  return builder.build();
}

Split all_but_the_last(const events::Log& log, std::uint32_t kept) {
  Split out;
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    out.train.push_back({0, kept});
    for (std::uint32_t i = kept; i < log.history(events::UserId{user}).size();
         ++i) {
      out.test.push_back({events::UserId{user}, i, {i, i + 1}});
    }
  }
  return out;
}

TEST(Futures, EveryUserIsAskedOnceWithEnoughToCome) {
  const events::Log log = turns(3, 20);
  const Split split = all_but_the_last(log, 14);
  const auto six = futures_queries(log, split.test, 6);
  ASSERT_EQ(six.size(), 3U);
  EXPECT_EQ(six[2].history, 14U);
  for (const FuturesQuery& query : futures_queries(log, split.test, 2)) {
    EXPECT_GE(query.history, 14U);
    EXPECT_LE(query.history, 18U);
  }
  EXPECT_TRUE(futures_queries(log, split.test, 7).empty());
}

TEST(Futures, TheSetIsWhatMostFuturesHold) {
  using Ids = std::vector<std::uint32_t>;
  // 7 in three futures, 1 and 2 in two, 9 in one though often there.
  const std::vector<Ids> futures = {{7, 1, 2}, {7, 2, 1}, {7, 9, 9}};
  EXPECT_DOUBLE_EQ(set_recall(Ids{7, 9, 9}, futures, 1), 0.5);
  EXPECT_DOUBLE_EQ(set_recall(Ids{1, 2}, futures, 2), 0.5) << "ties by id";
  EXPECT_DOUBLE_EQ(set_recall(Ids{1, 2}, futures, 3), 1);
  EXPECT_DOUBLE_EQ(set_recall(Ids{4}, futures, 10), 0);
}

TEST(Futures, CountingKnowsWhatAlwaysFollows) {
  const events::Log log = turns(50, 30);
  const Split split = all_but_the_last(log, 25);
  const auto queries = futures_queries(log, split.test, 4);
  const auto counted = count_futures(log, split, queries, {.steps = 4});
  // 601 of 602 counts and 600.1 of 606.4; a bucket of 3 s is one second wide,
  // the one of an hour 1,024 seconds.
  EXPECT_NEAR(counted.at("action_logloss").mean, -std::log(601.0 / 602), 1e-9);
  EXPECT_NEAR(counted.at("time_logloss").mean,
              -std::log(600.1 / 606.4) + std::log(1024.0) / 2, 1e-9);
}

TEST(Futures, NothingToAskIsRefused) {
  const events::Log log = turns(3, 20);
  EXPECT_THROW(count_futures(log, all_but_the_last(log, 14), {}, {}), Error);
}

}  // namespace
}  // namespace ensue::judge
