// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/instants.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

std::int64_t ms(std::string_view text) {
  return events::count(parse_instant(text, "test"));
}

TEST(Instants, ReadDatesAndTimesAsUtc) {
  EXPECT_EQ(ms("1970-01-02"), 86'400'000);
  EXPECT_EQ(ms("2025-01-31"), 1738281600000);  // date -u -d 2025-01-31 +%s
  EXPECT_EQ(ms("2025-01-31T10:30"), 1738281600000 + 37'800'000);
  EXPECT_EQ(ms("2025-01-31 10:30:15Z"), 1738281600000 + 37'815'000);
  EXPECT_EQ(ms("2025-01-31T10:30:15.25Z"), 1738281600000 + 37'815'250);
}

TEST(Instants, ReadZones) {
  EXPECT_EQ(ms("1970-01-01T08:00+08:00"), 0);
  EXPECT_EQ(ms("1969-12-31T19:00:00-0500"), 0);
}

TEST(Instants, RefuseWhatIsNoInstant) {
  for (const char* text :
       {"", "2025", "2025-02-30", "2025-01-31T", "2025-01-31T25:00",
        "2025-01-31x", "31/01/2025", "2025-01-31T10:30:15.", "2025-1-31"}) {
    EXPECT_THROW(parse_instant(text, "test"), Error) << text;
  }
}

TEST(Instants, AreShownAsTheyAreRead) {
  for (const char* text :
       {"2025-01-31", "2025-01-31T10:30:00", "1969-12-31T23:59:59.007"}) {
    EXPECT_EQ(show_instant(parse_instant(text, "test")), text);
  }
}

}  // namespace
}  // namespace ensue::judge
