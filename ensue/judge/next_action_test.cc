// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/next_action.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

using events::Millis;

// Two views 9 s apart, then a purchase after 99 s, again and again.
events::Log log() {
  events::LogBuilder out;
  for (int u = 0; u < 4; ++u) {
    std::int64_t at = 0;
    for (int i = 0; i < 12; ++i) {
      const bool buys = i % 3 == 2;
      at += buys ? 99'000 : 9'000;
      out.add("u" + std::to_string(u), "item" + std::to_string(i % 3),
              Millis{at}, buys ? "buy" : "view");
    }
  }
  return out.build();
}

std::vector<Query> queries() {
  std::vector<Query> out;
  for (std::uint32_t u = 0; u < 4; ++u) {
    for (std::uint32_t i = 9; i < 12; ++i) {
      out.push_back({events::UserId{u}, i, {i, i + 1}});
    }
  }
  return out;
}

Split split(const events::Log& log) {
  Split out;
  out.train.assign(log.users(), {0, 9});
  return out;
}

std::uint32_t action(const events::Log& log, const char* name) {
  return *log.action_names().find(name);
}

TEST(NextAction, CountingSaysWhatFollowedTheLastAction) {
  const events::Log all = log();
  const NextGuesser guesser = counting_guesser(all, split(all), nullptr);
  const auto past = all.history(events::UserId{0}).first(9);  // a purchase
  const NextGuess said = guesser(past);
  // In 8 pairs of each of 4 users a purchase is followed by 2 views.
  EXPECT_NEAR(said.actions[action(all, "view")], (8 + 1) / 10.0, 1e-12);
  EXPECT_NEAR(said.seconds, 9, 1e-12);
  // A view by 3 purchases and 3 views; times 9 and 99, the upper middle one.
  const NextGuess after = guesser(all.history(events::UserId{0}).first(10));
  EXPECT_NEAR(after.actions[action(all, "buy")], 13 / 26.0, 1e-12);
  EXPECT_NEAR(after.seconds, 99, 1e-12);
}

TEST(NextAction, FiguresAreThoseOfTheGuesses) {
  const events::Log all = log();
  // Always a view, with 0.75, after 19 s, of item0 or item1.
  const auto guesser = [&](const events::History&) {
    NextGuess out{std::vector<double>(2), 19, {}};
    out.actions[action(all, "view")] = 0.75;
    out.actions[action(all, "buy")] = 0.25;
    out.items = {*all.item_names().find("item0"),
                 *all.item_names().find("item1")};
    return out;
  };
  const auto judged = evaluate_next_action(all, queries(), guesser);
  EXPECT_EQ(judged.questions, 12U);
  const auto& figures = judged.figures;
  EXPECT_NEAR(figures.at("accuracy"), 2 / 3.0, 1e-12);
  EXPECT_NEAR(figures.at("macro_f1"), (0.8 + 0) / 2, 1e-12);
  EXPECT_NEAR(figures.at("logloss"), -(2 * std::log(0.75) + std::log(0.25)) / 3,
              1e-12);
  // Of 8 questions a factor of 20 / 10, of 4 of 100 / 20.
  EXPECT_NEAR(figures.at("time_error"), std::log(2.0), 1e-12);
  EXPECT_NEAR(figures.at("hit"), 2 / 3.0, 1e-12);
}

TEST(NextAction, WhoHasNoHistoryIsNotAskedAbout) {
  const events::Log all = log();
  const std::vector<Query> first = {{events::UserId{0}, 0, {0, 1}}};
  const auto guesser = counting_guesser(all, split(all), nullptr);
  EXPECT_THROW(evaluate_next_action(all, first, guesser), Error);
}

}  // namespace
}  // namespace ensue::judge
