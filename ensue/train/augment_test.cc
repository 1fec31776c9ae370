// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/nn/packed.h"
#include "ensue/train/batcher.h"

namespace ensue::train {
namespace {

using events::Millis;

// One user; instant k is a basket of k % 3 + 1 items that occur once each.
// Events get ids in order, so an item's id is its place in the corpus.
Corpus baskets(int instants) {
  events::LogBuilder builder;
  int item = 0;
  for (int k = 0; k < instants; ++k) {
    for (int i = 0; i < k % 3 + 1; ++i) {
      builder.add("u", "i" + std::to_string(item++), Millis{100 * k});
    }
  }
  const events::Log log = builder.build();
  judge::Split split;
  split.train.push_back({0, static_cast<std::uint32_t>(log.size())});
  return make_corpus(log, split);
}

std::vector<ReadEvent> changed(const Corpus& corpus,
                               const AugmentOptions& options,
                               std::uint64_t seed = 1) {
  Rng rng(seed);
  return augment(corpus, 0, corpus.size(), options, rng);
}

// Instants of the log by the order in which they are read.
std::vector<std::uint32_t> instants_read(const Corpus& corpus,
                                         const std::vector<ReadEvent>& events) {
  std::vector<std::uint32_t> out;
  for (const ReadEvent& event : events) {
    const std::uint32_t instant = corpus.instants[event.event];
    if (out.empty() || out.back() != instant) out.push_back(instant);
  }
  return out;
}

// The instant that each instant read predicts; -1: none.
std::vector<int> instants_predicted(const Corpus& corpus,
                                    const std::vector<ReadEvent>& events) {
  std::vector<int> out;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const bool last =
        i + 1 == events.size() || events[i + 1].instant != events[i].instant;
    if (!last) {
      EXPECT_EQ(events[i].target_begin, events[i].target_end);
    } else if (events[i].target_begin == events[i].target_end) {
      out.push_back(-1);
    } else {
      out.push_back(static_cast<int>(corpus.instants[events[i].target_begin]));
      EXPECT_EQ(corpus.instants[events[i].target_end - 1],
                corpus.instants[events[i].target_begin]);
    }
  }
  return out;
}

std::size_t size_of_instant(std::uint32_t instant) { return instant % 3 + 1; }

void expect_whole_baskets(const Corpus& corpus,
                          const std::vector<ReadEvent>& events) {
  std::map<std::uint32_t, std::size_t> sizes;
  for (const ReadEvent& event : events) ++sizes[corpus.instants[event.event]];
  for (const auto& [instant, size] : sizes) {
    EXPECT_EQ(size, size_of_instant(instant));
  }
  EXPECT_EQ(instants_read(corpus, events).size(), sizes.size())
      << "an instant in two places";
}

TEST(Augment, CropKeepsOneRunWhoseLastInstantPredictsWhatCameNext) {
  const Corpus corpus = baskets(10);
  std::set<std::uint32_t> starts;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto events = changed(corpus, {.crop = 0.35}, seed);
    const auto read = instants_read(corpus, events);
    ASSERT_EQ(read.size(), 7U);  // floor(0.35 * 10) go
    starts.insert(read[0]);
    const auto predicted = instants_predicted(corpus, events);
    for (std::size_t k = 0; k < read.size(); ++k) {
      EXPECT_EQ(read[k], read[0] + k);
      EXPECT_EQ(predicted[k],
                read[k] == 9 ? -1 : static_cast<int>(read[k]) + 1);
    }
    expect_whole_baskets(corpus, events);
  }
  EXPECT_EQ(starts, (std::set<std::uint32_t>{0, 1, 2, 3}));
}

TEST(Augment, SkipPredictsTheNextInstantThatIsLeft) {
  const Corpus corpus = baskets(12);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto events = changed(corpus, {.skip = 0.4}, seed);
    const auto read = instants_read(corpus, events);
    const auto predicted = instants_predicted(corpus, events);
    for (std::size_t k = 0; k + 1 < read.size(); ++k) {
      EXPECT_EQ(predicted[k], static_cast<int>(read[k + 1]));
    }
    expect_whole_baskets(corpus, events);
  }
}

TEST(Augment, SkipLeavesOutItsShareOfInstants) {
  const Corpus corpus = baskets(200);
  double left = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    left += static_cast<double>(
        instants_read(corpus, changed(corpus, {.skip = 0.4}, seed)).size());
  }
  EXPECT_NEAR(left / 50 / 200, 0.6, 0.02);  // deviation 0.005
}

TEST(Augment, WhatIsDroppedIsStillPredicted) {
  const Corpus corpus = baskets(12);
  bool some_gone = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto events = changed(corpus, {.drop = 0.4}, seed);
    const auto read = instants_read(corpus, events);
    const auto predicted = instants_predicted(corpus, events);
    for (std::size_t k = 0; k < read.size(); ++k) {
      EXPECT_EQ(predicted[k],
                read[k] == 11 ? -1 : static_cast<int>(read[k]) + 1);
    }
    some_gone = some_gone || read.size() < 12;
    expect_whole_baskets(corpus, events);
  }
  EXPECT_TRUE(some_gone);
}

TEST(Augment, ReorderPredictsWhatCameAfterTheLatestInstantRead) {
  const Corpus corpus = baskets(10);
  std::set<std::vector<std::uint32_t>> orders;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto events = changed(corpus, {.reorder = 0.5}, seed);
    const auto read = instants_read(corpus, events);
    const auto predicted = instants_predicted(corpus, events);
    ASSERT_EQ(read.size(), 10U);
    orders.insert(read);
    std::size_t moved = 0;
    std::uint32_t latest = 0;
    for (std::size_t k = 0; k < read.size(); ++k) {
      latest = std::max(latest, read[k]);
      moved += read[k] != k ? 1 : 0;
      EXPECT_EQ(predicted[k], latest == 9 ? -1 : static_cast<int>(latest) + 1);
    }
    EXPECT_LE(moved, 5U);
    expect_whole_baskets(corpus, events);
  }
  EXPECT_GT(orders.size(), 20U);
}

TEST(Augment, TimesNeverFallAndStayInTheirPlacesWhenShuffled) {
  const Corpus corpus = baskets(9);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto events = changed(corpus, {.reorder = 0.9}, seed);
    std::vector<std::int64_t> times;
    for (const ReadEvent& event : events) {
      if (times.empty() || times.back() != count(event.time)) {
        times.push_back(count(event.time));
      }
    }
    EXPECT_EQ(times, (std::vector<std::int64_t>{0, 100, 200, 300, 400, 500, 600,
                                                700, 800}));
  }
}

TEST(Augment, MaskAndNoiseChangeItemsAloneAndAsOftenAsSaid) {
  const Corpus corpus = baskets(3000);
  const auto plain = read_plainly(corpus, 0, corpus.size());
  const auto events = changed(corpus, {.mask = 0.2, .noise = 0.1});
  ASSERT_EQ(events.size(), plain.size());
  double masked = 0, noisy = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].event, plain[i].event);
    EXPECT_EQ(events[i].target_begin, plain[i].target_begin);
    EXPECT_EQ(events[i].target_end, plain[i].target_end);
    EXPECT_LT(events[i].item, static_cast<std::int64_t>(corpus.size()));
    masked += events[i].item == nn::kMasked ? 1 : 0;
    noisy += events[i].item != nn::kMasked && events[i].item != plain[i].item
                 ? 1
                 : 0;
  }
  const auto all = static_cast<double>(events.size());
  EXPECT_NEAR(masked / all, 0.2, 0.02);       // deviation 0.005
  EXPECT_NEAR(noisy / all, 0.8 * 0.1, 0.02);  // a mask comes first
}

TEST(Augment, APieceThatWouldPredictNothingStaysAsItIs) {
  const Corpus corpus = baskets(2);  // the second instant predicts nothing
  std::set<std::size_t> lengths;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto events = changed(corpus, {.crop = 0.5}, seed);
    const auto predicted = instants_predicted(corpus, events);
    EXPECT_NE(std::ranges::find(predicted, 1), predicted.end());
    lengths.insert(events.size());
  }
  EXPECT_EQ(lengths, (std::set<std::size_t>{1, 3}));  // the first, or both
}

TEST(Augment, ABatchIsAFunctionOfSeedEpochAndPiece) {
  const Corpus corpus = baskets(60);
  const auto items = [&](std::uint64_t seed, int epoch, int tokens) {
    const Batcher batcher(corpus,
                          {.batch_tokens = tokens,
                           .max_length = 20,
                           .seed = seed,
                           .augment = {.share = 1, .drop = 0.3, .noise = 0.1}});
    const auto order = batcher.epoch(epoch);
    std::multiset<std::vector<std::int64_t>> pieces;
    for (std::size_t b = 0; b < order.batches(); ++b) {
      const auto batch = batcher.batch(order, b);
      const auto begin = batch.packed.items.begin();
      for (std::size_t s = 0; s < batch.packed.sequences(); ++s) {
        pieces.insert(
            std::vector<std::int64_t>(begin + batch.packed.offsets[s],
                                      begin + batch.packed.offsets[s + 1]));
      }
    }
    return pieces;
  };
  EXPECT_EQ(items(1, 0, 40), items(1, 0, 40));
  EXPECT_EQ(items(1, 0, 40), items(1, 0, 1000)) << "however it is batched";
  EXPECT_NE(items(1, 0, 40), items(1, 1, 40));
  EXPECT_NE(items(1, 0, 40), items(2, 0, 40));
}

TEST(Augment, ABatchCountsTheEventsOfTheLogAndPositionsOfWhatIsRead) {
  const Corpus corpus = baskets(60);
  const Batcher batcher(
      corpus, {.max_length = 20, .augment = {.share = 1, .drop = 0.5}});
  const auto order = batcher.epoch(0);
  const auto batch = batcher.batch(order, 0);
  EXPECT_EQ(batch.tokens, corpus.size());
  EXPECT_LT(batch.packed.size(), corpus.size());
  std::size_t at = 0;
  for (std::size_t s = 0; s < batch.packed.sequences(); ++s) {
    for (std::size_t i = 0; i < batch.packed.length(s); ++i, ++at) {
      EXPECT_EQ(batch.packed.positions[at], static_cast<std::int64_t>(i));
    }
  }
}

TEST(Augment, TheShareOfPiecesIsKept) {
  const Corpus corpus = baskets(2000);
  const Batcher batcher(corpus, {.batch_tokens = 1 << 20,
                                 .max_length = 20,
                                 .augment = {.share = 0.25, .crop = 0.9}});
  const auto order = batcher.epoch(0);
  const auto batch = batcher.batch(order, 0);
  double shorter = 0;
  for (std::size_t s = 0; s < batch.packed.sequences(); ++s) {
    shorter += batch.packed.length(s) < order.pieces[s].size() ? 1 : 0;
  }
  EXPECT_NEAR(shorter / static_cast<double>(order.pieces.size()), 0.25, 0.1);
}

TEST(Augment, NothingAskedForLeavesBatchesAsTheyWere) {
  const Corpus corpus = baskets(40);
  const Batcher plain(corpus, {.max_length = 7, .repeats = 4}),
      off(corpus, {.max_length = 7, .repeats = 4, .augment = {.share = 1}});
  const auto order = plain.epoch(2);
  const auto a = plain.batch(order, 0), b = off.batch(off.epoch(2), 0);
  EXPECT_EQ(a.packed.items, b.packed.items);
  EXPECT_EQ(a.packed.times, b.packed.times);
  EXPECT_EQ(a.targets.rows, b.targets.rows);
  EXPECT_EQ(a.targets.items, b.targets.items);
  EXPECT_EQ(a.targets.repeats.begin, b.targets.repeats.begin);
}

TEST(Augment, RefusesStrengthsOutsideTheirBounds) {
  const auto refused = [](const AugmentOptions& options, const char* field) {
    try {
      options.check();
      ADD_FAILURE() << field;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos);
    }
  };
  refused({.crop = 1}, "train.augment_crop: 1");
  refused({.drop = -0.1}, "train.augment_drop: -0.1");
  refused({.share = 1.5}, "train.augment_share: 1.5");
  EXPECT_NO_THROW(AugmentOptions{.share = 1}.check());
}

}  // namespace
}  // namespace ensue::train
