// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/markov.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::runtime {
namespace {

// Three items; popularity 1/2, 1/4, 1/4; from item 0: half back-off, half to
// item 1; from item 1: a quarter to item 0, half to item 2; item 2 ends.
struct Fixture {
  std::vector<float> log_popularity = {std::log(.5F), std::log(.25F),
                                       std::log(.25F)};
  std::vector<float> backoff = {.5F, .25F, 1};
  std::vector<std::uint64_t> offsets = {0, 1, 3, 3};
  std::vector<std::uint32_t> next = {1, 0, 2};
  std::vector<float> probability = {.5F, .25F, .5F};

  MarkovTable table() const {
    return {log_popularity, backoff, {offsets, next}, probability};
  }
  std::vector<float> probabilities(const std::vector<events::Event>& recent,
                                   bool baskets = true) const {
    std::vector<float> out(3, 9);
    MarkovHead(table(), baskets).score({}, recent, out);
    for (float& x : out) x = std::exp(x);
    return out;
  }
};

events::Event at(std::uint32_t item, std::int64_t time) {
  return {.item = events::ItemId{item}, .time = events::Millis{time}};
}

void expect_near(const std::vector<float>& got,
                 const std::vector<float>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], 1e-6) << "item " << i;
  }
}

TEST(MarkovHead, AddsWhatFollowedTheLastItemToTheBackOff) {
  expect_near(Fixture().probabilities({at(1, 1)}),
              {.25F + .125F, .0625F, .5F + .0625F});
}

TEST(MarkovHead, AveragesOverTheItemsOfTheLastBasket) {
  // Item 0 gives .25 .625 .125, item 1 gives .375 .0625 .5625.
  expect_near(Fixture().probabilities({at(2, 1), at(0, 2), at(1, 2)}),
              {.3125F, .34375F, .34375F});
}

TEST(MarkovHead, CountsAnItemThatStandsTwiceInABasketOnce) {
  const Fixture f;
  EXPECT_EQ(f.probabilities({at(0, 2), at(1, 2), at(0, 2)}),
            f.probabilities({at(1, 2), at(0, 2)}));
}

TEST(MarkovHead, LooksAtTheLastEventAloneWhereOrderIsReal) {
  const Fixture f;
  EXPECT_EQ(f.probabilities({at(0, 2), at(1, 2)}, /*baskets=*/false),
            f.probabilities({at(1, 2)}, /*baskets=*/false));
  EXPECT_EQ(MarkovHead(f.table(), /*baskets=*/false).remembers(), 1u);
}

TEST(MarkovHead, FallsBackToPopularityWithoutHistory) {
  expect_near(Fixture().probabilities({}), {.5F, .25F, .25F});
}

TEST(MarkovHead, FallsBackToPopularityAfterAnItemNothingFollowed) {
  expect_near(Fixture().probabilities({at(2, 1)}), {.5F, .25F, .25F});
}

TEST(MarkovHead, DoesNotLookAtUnknownItems) {
  const Fixture f;
  EXPECT_EQ(f.probabilities({at(1, 2), at(7, 2)}), f.probabilities({at(1, 2)}));
  expect_near(f.probabilities({{.item = events::kNoItem}}), {.5F, .25F, .25F});
}

TEST(MarkovHead, LooksAtTheLatestItemsOfABasketThatIsTooLarge) {
  Rng rng(3);
  const std::size_t items = MarkovHead::kBasket + 1;
  Fixture f;
  f.log_popularity.assign(items, std::log(1.0F / static_cast<float>(items)));
  f.backoff.assign(items, .5F);
  f.offsets.resize(items + 1);
  f.next.resize(items);
  f.probability.assign(items, .5F);
  std::vector<events::Event> basket;
  for (std::uint32_t i = 0; i < items; ++i) {
    f.offsets[i + 1] = i + 1;
    f.next[i] = i;  // every item is followed by itself
    basket.push_back(at(i, 1));
  }
  std::vector<float> out(items);
  MarkovHead(f.table(), /*baskets=*/true).score({}, basket, out);
  const float even = .5F / static_cast<float>(items);
  EXPECT_NEAR(std::exp(out[0]), even, 1e-6);  // the oldest is forgotten
  EXPECT_NEAR(std::exp(out[1]), even + .5F / MarkovHead::kBasket, 1e-6);
}

TEST(MarkovHead, RefusesATableThatDoesNotFitTogether) {
  const auto broken = [](auto&& change) {
    Fixture f;
    change(f);
    EXPECT_THROW(MarkovHead(f.table(), /*baskets=*/true), Error);
  };
  broken([](Fixture& f) { f.next[0] = 3; });
  broken([](Fixture& f) { f.offsets[1] = 9; });
  broken([](Fixture& f) { f.offsets.pop_back(); });
  broken([](Fixture& f) { f.backoff[2] = 0; });
  broken([](Fixture& f) { f.backoff.pop_back(); });
  broken([](Fixture& f) { f.probability[0] = -1; });
  broken([](Fixture& f) { f.log_popularity[0] = 0; });
}

}  // namespace
}  // namespace ensue::runtime
