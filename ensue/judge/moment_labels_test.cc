// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/moment_labels.h"

#include <gtest/gtest.h>

#include <map>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

using events::Millis;

constexpr std::int64_t kMinute = 60'000;

// 50 users with a session a day of three views; every other one buys then.
events::Log shop() {
  events::LogBuilder out;
  for (int day = 0; day < 10; ++day) {
    for (int user = 0; user < 50; ++user) {
      const std::int64_t start = day * events::kDayMs + user * kMinute;
      for (int i = 0; i < 3; ++i) {
        out.add("u" + std::to_string(user), "cup", Millis{start + i * kMinute},
                "view");
      }
      if ((day + user) % 2 == 0) {
        out.add("u" + std::to_string(user), "cup", Millis{start + 3 * kMinute},
                "buy");
      }
    }
  }
  return out.build();
}

const tasks::MomentTask& intent() {
  return tasks::moment_tasks().find("intent");
}

TEST(MomentLabels, AreAllMomentsOfEverybody) {
  const events::Log log = shop();
  const auto found = moment_labels(log, intent(), "buy", 1'000'000, 1);
  // The last session of some users is not over when the log ends.
  EXPECT_EQ(found.labels.size(), found.all);
  EXPECT_GT(found.all, 9 * 50 * 3 - 1);
  double yes = 0;
  for (std::size_t i = 0; i < found.labels.size(); ++i) {
    yes += found.labels.values[i];
    EXPECT_GT(found.known[i], found.labels.pairs[i].time);
  }
  EXPECT_NEAR(yes / static_cast<double>(found.all), 0.5, 0.05);
}

TEST(MomentLabels, AreDrawnBySession) {
  const events::Log log = shop();
  const auto some = moment_labels(log, intent(), "buy", 300, 1);
  EXPECT_NEAR(static_cast<double>(some.labels.size()), 300, 90);
  std::map<std::pair<std::uint32_t, std::int64_t>, int> sessions;
  for (std::size_t i = 0; i < some.labels.size(); ++i) {
    ++sessions[{index(some.labels.pairs[i].user), count(some.known[i])}];
  }
  for (const auto& [session, rows] : sessions) EXPECT_EQ(rows, 3);
  EXPECT_EQ(moment_labels(log, intent(), "buy", 300, 1).labels.pairs,
            some.labels.pairs);
}

TEST(MomentLabels, WhatTheLogDoesNotHoldIsRefused) {
  const events::Log log = shop();
  EXPECT_THROW(moment_labels(log, intent(), "steal", 100, 1), Error);
  EXPECT_THROW(moment_labels(log, tasks::moment_tasks().find("satisfaction"),
                             "buy", 1000, 1),
               Error);  // every value is the same
}

}  // namespace
}  // namespace ensue::judge
