// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/blocks.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "ensue/artifact/block_configs.h"

namespace ensue::artifact {
namespace {

TEST(Blocks, EveryNameStandsOnce) {
  std::set<std::string_view> names;
  for (const BlockDescriptor& block : blocks().all()) names.insert(block.name);
  EXPECT_EQ(names.size(), blocks().all().size());
}

TEST(Blocks, AnUnknownNameIsAnsweredWithTheKnownOnes) {
  try {
    blocks().find("grru");
    FAIL() << "found a block that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kNotFound);
    EXPECT_NE(std::string(error.what()).find("gru"), std::string::npos);
  }
}

TEST(Blocks, OnlyPositionsAndAttentionOverASegmentAreReencoded) {
  for (const BlockDescriptor& block : blocks().all()) {
    const bool segment =
        block.name == "position_embedding" || block.name == "transformer" ||
        block.name == "bidirectional_transformer" || block.name == "ligr";
    EXPECT_EQ(block.memory == Memory::kReencoded, segment) << block.name;
  }
}

TEST(SegmentStart, StandsStillUntilTheWindowIsFullThenJumpsByHalves) {
  const std::size_t expected[] = {0, 0, 0, 0, 0, 2, 2, 4, 4, 6, 6};
  for (std::size_t events = 0; events <= 10; ++events) {
    EXPECT_EQ(segment_start(events, /*window=*/4), expected[events]) << events;
  }
}

TEST(SegmentStart, KeepsBetweenHalfAWindowAndAWindow) {
  for (std::size_t window = 1; window <= 9; ++window) {
    for (std::size_t events = window; events < 5 * window; ++events) {
      const std::size_t held = events - segment_start(events, window);
      EXPECT_LE(held, window);
      EXPECT_GE(2 * held, window);
    }
  }
}

TEST(TimeBucket, HasTwoBucketsForEachDoublingOfTheSeconds) {
  const std::size_t expected[] = {0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7};
  for (std::int64_t seconds = 0; seconds <= 12; ++seconds) {
    EXPECT_EQ(time_bucket(1000 * seconds, /*buckets=*/64), expected[seconds]);
    EXPECT_EQ(time_bucket(1000 * seconds + 999, 64), expected[seconds]);
  }
}

TEST(TimeBucket, TheFirstTakesGapsBelowZeroAndTheLastAllThatAreLonger) {
  EXPECT_EQ(time_bucket(-5000, /*buckets=*/64), 0U);
  EXPECT_EQ(time_bucket(1000 * 3600, /*buckets=*/5), 4U);
  EXPECT_EQ(time_bucket(std::numeric_limits<std::int64_t>::max(), 64), 63U);
  EXPECT_EQ(time_bucket(1000 * ((std::int64_t{1} << 32) - 1), 64), 63U);
  EXPECT_EQ(time_bucket(1000 * 3600, /*buckets=*/1), 0U);
}

}  // namespace
}  // namespace ensue::artifact
