// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/cold_start_baselines.h"

#include <gtest/gtest.h>

namespace ensue::apps {
namespace {

using Texts = std::vector<std::string>;

// One customer took items 0, then 1; items 2 and 3 are new.
events::Log shop() {
  events::LogBuilder builder;
  for (int i = 0; i < 4; ++i) {
    builder.add("ann", "item" + std::to_string(i), events::Millis{i});
  }
  return builder.build();
}

std::vector<float> scores(const judge::Scorer& scorer, const events::Log& log) {
  const judge::Query query{events::UserId{0}, 2, {2, 3}};
  std::vector<float> out;
  scorer.score(log, {&query, 1},
               [&out](std::size_t, std::span<const float> logits) {
                 out.assign(logits.begin(), logits.end());
               });
  return out;
}

TEST(WordsOf, AreLettersAndDigitsInLowerCase) {
  EXPECT_EQ(words_of("SET/10 Red-Mugs"), (Texts{"set", "10", "red", "mugs"}));
}

TEST(TfIdf, IsTheCosineToTheLastItems) {
  const auto log = shop();
  const Texts titles = {"blue bowl", "red mug", "red mug", "blue cup"};
  // red, mug and blue are in two titles of four, bowl and cup in one:
  // weights 1, 1, 1, 2, 2 in units of log 2.
  const auto last = scores(*tfidf_scorer(log, titles, 1), log);
  EXPECT_NEAR(last[2], 1, 1e-5);
  EXPECT_NEAR(last[3], 0, 1e-5);
  // Both items: unit vectors of angle 90 degrees, so each has cosine 1/sqrt 2;
  // "blue cup" has cosine 1/5 to the first.
  const auto both = scores(*tfidf_scorer(log, titles, 5), log);
  EXPECT_NEAR(both[2], 0.70711, 1e-4);
  EXPECT_NEAR(both[3], 0.2 * 0.70711, 1e-4);
}

TEST(Category, IsTheCustomersShareTimesTheItemsShare) {
  const auto log = shop();
  const Texts categories = {"bowl", "mug", "mug", "cup"};
  const auto found =
      scores(*category_scorer(log, categories, {6, 3, 0, 0}, 10), log);
  // bowl: 6 of 9 training events, mug 3, cup as many as the mean: 3.
  EXPECT_NEAR(found[0], 1 + 10.0 * 6 / 9, 1e-4);
  EXPECT_NEAR(found[1], 1 + 10.0 * 3 / 9, 1e-4);
  EXPECT_NEAR(found[2], 1 + 10.0 * 3 / 9, 1e-4) << "the mean mug";
  EXPECT_NEAR(found[3], 10.0 * 3 / 9, 1e-4);
}

TEST(TieBreaker, IsAFixedNumberPerItem) {
  EXPECT_EQ(tie_breaker(7), tie_breaker(7));
  EXPECT_NE(tie_breaker(7), tie_breaker(8));
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_GE(tie_breaker(i), 0);
    EXPECT_LT(tie_breaker(i), 1);
  }
}

}  // namespace
}  // namespace ensue::apps
