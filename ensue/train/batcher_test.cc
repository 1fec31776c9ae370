// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/batcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/train/internal/toy_log.h"

namespace ensue::train {
namespace {

Corpus corpus_of(const events::Log& log) {
  judge::Split split;
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    split.train.push_back({0, static_cast<std::uint32_t>(
                                  log.history(events::UserId{user}).size())});
  }
  return make_corpus(log, split);
}

TEST(Batcher, CutsFromTheEndSoThatTheNewestPieceIsFull) {
  const Corpus corpus = corpus_of(second_order_log(1, 7, 5));
  const Batcher batcher(corpus, {.batch_tokens = 100, .max_length = 3});
  const auto epoch = batcher.epoch(0);
  std::set<std::pair<std::uint64_t, std::uint64_t>> pieces;
  for (const auto& piece : epoch.pieces)
    pieces.insert({piece.begin, piece.end});
  EXPECT_EQ(pieces, (std::set<std::pair<std::uint64_t, std::uint64_t>>{
                        {0, 1}, {1, 4}, {4, 7}}));
}

TEST(Batcher, ThePiecesOfAnEpochPredictEveryEventButTheFirst) {
  const Corpus corpus = corpus_of(second_order_log(4, 7, 5));
  const Batcher batcher(corpus, {.batch_tokens = 5, .max_length = 3});
  const auto epoch = batcher.epoch(3);
  std::size_t targets = 0, tokens = 0;
  for (std::size_t b = 0; b < epoch.batches(); ++b) {
    const auto batch = batcher.batch(epoch, b);
    EXPECT_LE(batch.packed.size(), 5U);
    EXPECT_EQ(tokens, batcher.tokens_before(epoch, b));
    targets += batch.targets.size();
    tokens += batch.packed.size();
  }
  EXPECT_EQ(targets, 4U * 6);
  EXPECT_EQ(tokens, 4U * 7);
  EXPECT_EQ(tokens, batcher.tokens());
}

TEST(Batcher, TellsWhatTheNextEventIs) {
  events::LogBuilder builder;  // a view, then a basket of two, 5 s later
  builder.add("u", "a", events::Millis{1000});
  builder.add("u", "b", events::Millis{6000}, "buy", 2.5F);
  builder.add("u", "a", events::Millis{6000});
  const Corpus corpus = corpus_of(builder.build());
  const Batcher batcher(corpus, {.by_basket = true, .events = true});
  const auto batch = batcher.batch(batcher.epoch(0), 0);
  const nn::NextEvents& next = batch.next;
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(batch.targets.rows, Ids{0});
  EXPECT_EQ(next.rows, (Ids{0, 0}));
  EXPECT_EQ(next.actions, (Ids{1, 0}));
  EXPECT_EQ(next.gaps, (Ids{4, 4}));  // 4 to 5 seconds
  EXPECT_EQ(next.values[0], 2.5F);
  EXPECT_TRUE(std::isnan(next.values[1]));
  EXPECT_EQ(next.items.rows, (Ids{0, 1}));
  EXPECT_EQ(next.items.begin, (Ids{0, 1, 2}));
  EXPECT_EQ(next.items.items, (Ids{1, 0}));
  EXPECT_EQ(next.items.weights, (std::vector<float>{0.5F, 0.5F}));
}

TEST(Batcher, TakesTheNewestPieceAloneWhenAsked) {
  const Corpus corpus = corpus_of(second_order_log(2, 7, 5));
  const Batcher batcher(corpus, {.max_length = 3, .last_only = true});
  for (const auto& piece : batcher.epoch(0).pieces) {
    EXPECT_EQ(piece.size(), 3U);
    EXPECT_EQ(piece.end % 7, 0U);
  }
  EXPECT_EQ(batcher.tokens(), 2U * 3);
}

TEST(Batcher, PositionsCountFromTheStartOfAPiece) {
  const Corpus corpus = corpus_of(second_order_log(1, 5, 5));
  const Batcher batcher(corpus, {.batch_tokens = 100, .max_length = 3});
  const auto epoch = batcher.epoch(0);
  const auto batch = batcher.batch(epoch, 0);
  for (std::size_t s = 0; s < batch.packed.sequences(); ++s) {
    for (std::size_t i = 0; i < batch.packed.length(s); ++i) {
      const auto at = static_cast<std::size_t>(batch.packed.offsets[s]) + i;
      EXPECT_EQ(batch.packed.positions[at], static_cast<std::int64_t>(i));
    }
  }
}

TEST(Batcher, EveryEventBringsItsTime) {
  const Corpus corpus = corpus_of(second_order_log(3, 5, 5));
  const Batcher batcher(corpus, {.batch_tokens = 100, .max_length = 2});
  const auto epoch = batcher.epoch(0);
  const auto batch = batcher.batch(epoch, 0);
  ASSERT_EQ(batch.packed.times.size(), batch.packed.size());
  std::size_t at = 0;
  for (const auto& piece : epoch.pieces) {
    for (auto i = piece.begin; i < piece.end; ++i, ++at) {
      EXPECT_EQ(batch.packed.times[at], corpus.times[i]);
    }
  }
}

TEST(Batcher, EveryEventBringsItsValue) {
  events::LogBuilder builder;
  for (int i = 0; i < 5; ++i) {
    builder.add("ann", "i" + std::to_string(i), events::Millis{i}, "buy",
                static_cast<float>(10 * i));
  }
  const events::Log log = builder.build();
  const Corpus corpus = corpus_of(log);
  const Batcher batcher(corpus, {.max_length = 100});
  const auto packed = batcher.batch(batcher.epoch(0), 0).packed;
  EXPECT_EQ(packed.values, (std::vector<float>{0, 10, 20, 30, 40}));
}

TEST(Batcher, TheOrderIsAFunctionOfSeedAndEpoch) {
  const Corpus corpus = corpus_of(second_order_log(50, 4, 5));
  const auto order = [&](std::uint64_t seed, int epoch) {
    const Batcher batcher(corpus, {.seed = seed});
    std::vector<std::uint64_t> out;
    for (const auto& p : batcher.epoch(epoch).pieces) out.push_back(p.begin);
    return out;
  };
  EXPECT_EQ(order(1, 0), order(1, 0));
  EXPECT_NE(order(1, 0), order(1, 1));
  EXPECT_NE(order(1, 0), order(2, 0));
}

TEST(Batcher, ABasketIsOneRowWithDistinctItemsThatCanShareItsWeight) {
  events::LogBuilder builder;
  builder.add("u", "a", events::Millis{1});
  for (const char* item : {"b", "c", "b"}) {
    builder.add("u", item, events::Millis{2});
  }
  const Corpus corpus = corpus_of(builder.build());
  const auto weights = [&](bool by_basket) {
    const Batcher batcher(corpus, {.by_basket = by_basket});
    const auto batch = batcher.batch(batcher.epoch(0), 0);
    EXPECT_EQ(batch.targets.rows, (std::vector<std::int64_t>{0}));
    EXPECT_EQ(batch.targets.items, (std::vector<std::int64_t>{1, 2}));
    return batch.targets.weights;
  };
  EXPECT_EQ(weights(false), (std::vector<float>{1, 1}));
  EXPECT_EQ(weights(true), (std::vector<float>{0.5F, 0.5F}));
}

TEST(Batcher, RepeatsLookBackBeyondThePiece) {
  const Corpus corpus = corpus_of(second_order_log(1, 6, 50));
  const Batcher batcher(corpus, {.max_length = 2, .repeats = 3});
  const auto epoch = batcher.epoch(0);
  const auto batch = batcher.batch(epoch, 0);
  const auto& past = batch.targets.repeats;
  ASSERT_EQ(past.begin.size(), batch.targets.size() + 1);
  std::int64_t most = 0;
  for (std::size_t r = 0; r < batch.targets.size(); ++r) {
    most = std::max(most, past.begin[r + 1] - past.begin[r]);
  }
  EXPECT_EQ(most, 3);  // distinct items among three events, pieces hold two
}

BatcherOptions masking(double share, double last) {
  BatcherOptions out;
  out.masked = true;
  out.mask_share = share;
  out.mask_last = last;
  return out;
}

TEST(Batcher, AHiddenEventPredictsItselfAndTheOthersAreShown) {
  const Corpus corpus = corpus_of(second_order_log(1, 30, 5));
  const Batcher batcher(corpus, masking(0.4, 0));
  const auto batch = batcher.batch(batcher.epoch(0), 0);
  const auto& packed = batch.packed;
  ASSERT_EQ(packed.size(), 30U);
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(packed.positions[i], static_cast<std::int64_t>(i));
    EXPECT_EQ(packed.times[i], corpus.times[i]);
    if (packed.items[i] != nn::kMasked) {
      EXPECT_EQ(packed.items[i], corpus.items[i]);
      continue;
    }
    EXPECT_EQ(packed.actions[i], nn::kMasked);
    ASSERT_LT(hidden, batch.targets.size());
    EXPECT_EQ(batch.targets.rows[hidden], static_cast<std::int64_t>(i));
    EXPECT_EQ(batch.targets.items[hidden], corpus.items[i]);
    ++hidden;
  }
  EXPECT_EQ(hidden, batch.targets.size());
  EXPECT_GE(hidden, 4U);
  EXPECT_LE(hidden, 22U);  // 12.6 expected, deviation 2.7
}

TEST(Batcher, TheWantedShareIsHiddenAndOneAtLeast) {
  const Corpus corpus = corpus_of(second_order_log(2000, 5, 5));
  const auto targets = [&](double share, double last) {
    BatcherOptions options = masking(share, last);
    options.batch_tokens = 1 << 20;
    const Batcher batcher(corpus, options);
    return static_cast<double>(
               batcher.batch(batcher.epoch(0), 0).targets.size()) /
           2000;
  };
  EXPECT_EQ(targets(0, 0), 1);
  EXPECT_EQ(targets(1, 0), 5);
  EXPECT_EQ(targets(1, 1), 1);
  EXPECT_NEAR(targets(0.25, 0), 5 * (1 - 0.75 * 0.8), 0.1);
  EXPECT_NEAR(targets(1, 0.5), 3, 0.2);
}

TEST(Batcher, OneOfAPieceIsHiddenAnywhereUnlessTheLastIsAskedFor) {
  const Corpus corpus = corpus_of(second_order_log(500, 5, 5));
  const auto places = [&](double last) {
    const Batcher batcher(corpus, masking(0, last));
    const auto batch = batcher.batch(batcher.epoch(0), 0);
    std::set<std::int64_t> out;
    for (const auto row : batch.targets.rows) {
      out.insert(batch.packed.positions[static_cast<std::size_t>(row)]);
    }
    return out;
  };
  EXPECT_EQ(places(0), (std::set<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(places(1), (std::set<std::int64_t>{4}));
}

TEST(Batcher, WhatIsHiddenIsAFunctionOfSeedEpochAndPiece) {
  const Corpus corpus = corpus_of(second_order_log(40, 9, 5));
  const auto rows = [&](std::uint64_t seed, int epoch, int tokens) {
    BatcherOptions options = masking(0.3, 0.1);
    options.seed = seed;
    options.batch_tokens = tokens;
    const Batcher batcher(corpus, options);
    auto all = batcher.epoch(epoch);
    std::ranges::sort(all.pieces, {}, &Batcher::Piece::begin);
    std::vector<std::int64_t> out;
    for (std::size_t b = 0; b < all.batches(); ++b) {
      const auto batch = batcher.batch(all, b);
      out.insert(out.end(), batch.packed.items.begin(),
                 batch.packed.items.end());
    }
    return out;
  };
  EXPECT_EQ(rows(1, 0, 1000), rows(1, 0, 1000));
  EXPECT_EQ(rows(1, 0, 1000), rows(1, 0, 50));
  EXPECT_NE(rows(1, 0, 1000), rows(1, 1, 1000));
  EXPECT_NE(rows(1, 0, 1000), rows(2, 0, 1000));
}

TEST(Batcher, AHiddenBasketIsOneEventWithItsDistinctItems) {
  events::LogBuilder builder;
  builder.add("u", "a", events::Millis{1});
  for (const char* item : {"b", "c", "b"}) {
    builder.add("u", item, events::Millis{2});
  }
  const Corpus corpus = corpus_of(builder.build());
  BatcherOptions options = masking(0, /*last=*/1);
  options.repeats = 10;
  const Batcher batcher(corpus, options);
  const auto batch = batcher.batch(batcher.epoch(0), 0);
  EXPECT_EQ(batch.packed.items, (std::vector<std::int64_t>{0, nn::kMasked}));
  EXPECT_EQ(batch.targets.rows, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(batch.targets.items, (std::vector<std::int64_t>{1, 2}));
  // A head that looks back sees what came before the basket: one item.
  EXPECT_EQ(batch.targets.repeats.begin, (std::vector<std::int64_t>{0, 1}));
}

TEST(Batcher, RefusesALogInWhichNothingFollowsAnything) {
  events::LogBuilder builder;
  builder.add("u", "a", events::Millis{1}).add("v", "b", events::Millis{2});
  const Corpus corpus = corpus_of(builder.build());
  EXPECT_THROW(Batcher(corpus, {}), Error);
}

}  // namespace
}  // namespace ensue::train
