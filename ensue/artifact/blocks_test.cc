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

TEST(Calendar, KnowsHoursAndWeekdaysBeforeAndAfter1970) {
  // Monday 1 January 2024, 13:59:59.999 UTC.
  constexpr std::int64_t kMonday = 1704067200000;
  constexpr events::Millis kTime{kMonday + 13 * 3'600'000 + 3'599'999};
  EXPECT_EQ(hour_of(kTime), 13u);
  EXPECT_EQ(weekday_of(kTime), 0u);
  EXPECT_EQ(weekday_of(events::Millis{kMonday - 1}), 6u);
  EXPECT_EQ(hour_of(events::Millis{-1}), 23u);
  EXPECT_EQ(weekday_of(events::Millis{-1}), 2u);  // Wednesday
}

TEST(ValueBucket, HasTwoBucketsForEachDoublingAroundOne) {
  EXPECT_EQ(value_bucket(std::numeric_limits<float>::quiet_NaN(), 64), 0u);
  EXPECT_EQ(value_bucket(-5, 64), 1u);
  EXPECT_EQ(value_bucket(0, 64), 2u);
  const std::size_t one = value_bucket(1, 64);
  EXPECT_EQ(value_bucket(1.4F, 64), one);
  EXPECT_EQ(value_bucket(1.5F, 64), one + 1);
  EXPECT_EQ(value_bucket(2.1F, 64), one + 2);
  EXPECT_EQ(value_bucket(0.9F, 64), one - 1);
  EXPECT_EQ(value_bucket(0.6F, 64), one - 2);
  EXPECT_EQ(value_bucket(1e30F, 64), 63u);
  EXPECT_EQ(value_bucket(1e-30F, 64), 3u);
  EXPECT_EQ(value_bucket(std::numeric_limits<float>::infinity(), 64), 63u);
}

}  // namespace
}  // namespace ensue::artifact
