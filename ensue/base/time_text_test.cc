// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/time_text.h"

#include <gtest/gtest.h>

namespace ensue {
namespace {

constexpr std::int64_t kNoon = 1'712'145'600'000;  // 2024-04-03 12:00 UTC

TEST(TimeText, IsUtc) {
  EXPECT_EQ(time_text(kNoon), "2024-04-03 12:00:00");
  EXPECT_EQ(time_text(-1), "1969-12-31 23:59:59");
}

TEST(TimeText, ReadsTheIsoShapesThatProgramsWrite) {
  for (const char* text :
       {"2024-04-03T12:00:00Z", "2024-04-03 12:00:00", "2024-04-03T12:00",
        "2024-04-03T12:00:00.000Z", "2024-04-03T12:00:00.000000001Z",
        "2024-04-03T14:00:00+02:00", "2024-04-03T08:00:00-0400",
        "2024-04-03 20:00:00 +0800 CST"}) {
    EXPECT_EQ(read_iso(text), kNoon) << text;
  }
  EXPECT_FALSE(read_iso("12:00"));
  EXPECT_FALSE(read_iso("2024-04-31"));
}

TEST(TimeText, ASmallDateKeepsItsTwoNumbersApart) {
  const auto date = read_small_date("3/4/24 01:00");
  ASSERT_TRUE(date);
  EXPECT_EQ(date->first, 3);
  EXPECT_EQ(date->second, 4);
  EXPECT_EQ(date->year, 2024);
  EXPECT_EQ(date->clock_ms, 3'600'000);
  EXPECT_FALSE(read_small_date("3/4/24 o'clock")->clock_ms);
}

TEST(TimeText, ADayThatIsNoneHasNoMidnight) {
  EXPECT_EQ(date_millis(1970, 1, 2), 86'400'000);
  EXPECT_EQ(date_millis(2024, 2, 29), kNoon - 34 * 86'400'000LL - 43'200'000);
  EXPECT_FALSE(date_millis(2023, 2, 29));
}

}  // namespace
}  // namespace ensue
