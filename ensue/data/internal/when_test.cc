// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/when.h"

#include <gtest/gtest.h>

#include <vector>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

constexpr std::int64_t kNoon = 1'712'145'600'000;  // 2024-04-03 12:00 UTC
constexpr std::int64_t kMidnight = kNoon - 12 * 3'600'000;

TimeReader auto_reader(const std::vector<std::string>& sample) {
  return TimeReader("auto", sample);
}

TEST(TimeReader, ReadsIsoDatesWithSeparatorsFractionsAndZones) {
  const TimeReader reader = auto_reader({"2024-04-03"});
  EXPECT_EQ(reader.read("2024-04-03"), kMidnight);
  EXPECT_EQ(reader.read("2024/04/03 12:00"), kNoon);
  EXPECT_EQ(reader.read("2024-04-03T12:00:00Z"), kNoon);
  EXPECT_EQ(reader.read("2024-04-03 12:00:00.250"), kNoon + 250);
  EXPECT_EQ(reader.read("2024-04-03T20:00:00+08:00"), kNoon);
  EXPECT_EQ(reader.read("2024-04-03 12:00:00 UTC"), kNoon);
}

TEST(TimeReader, ChoosesTheUnitOfBareNumbersFromTheSample) {
  EXPECT_EQ(auto_reader({"1712145600"}).read("1712145600"), kNoon);
  EXPECT_EQ(auto_reader({"1712145600000"}).read("1712145600000"), kNoon);
  EXPECT_EQ(auto_reader({"1712145600000000"}).read("1712145600000000"), kNoon);
  EXPECT_EQ(auto_reader({"1712145600.5"}).read("1712145600.5"), kNoon + 500);
  EXPECT_EQ(auto_reader({"20240403"}).read("20240403"), kMidnight);
}

TEST(TimeReader, TakesSmallNumbersForPlacesInTheLog) {
  const TimeReader reader = auto_reader({"1", "2", "17"});
  EXPECT_FALSE(reader.has_clock());
  EXPECT_EQ(reader.read("17"), 17);
}

TEST(TimeReader, ReadsDatesWithMonthNames) {
  const TimeReader reader = auto_reader({"3 Apr 2024"});
  EXPECT_EQ(reader.read("3 Apr 2024"), kMidnight);
  EXPECT_EQ(reader.read("April 3, 2024 12:00"), kNoon);
  EXPECT_EQ(reader.read("Wed, 03 Apr 2024 12:00:00 +0000"), kNoon);
  EXPECT_EQ(reader.read("03-Apr-24 12:00 PM"), kNoon);
}

TEST(TimeReader, LearnsTheOrderOfDayAndMonthFromTheSample) {
  EXPECT_EQ(auto_reader({"25/12/2023", "3/4/2024"}).read("3/4/2024 12:00"),
            kNoon);
  EXPECT_EQ(auto_reader({"12/25/2023", "3/4/2024"}).read("4/3/2024 12:00"),
            kNoon);
  EXPECT_TRUE(auto_reader({"3/4/2024"}).needs_day_month());
}

TEST(TimeReader, ReadsFiveFormatsInOneColumn) {
  const std::vector<std::string> five = {"2024-04-03", "20240403", "3 Apr 2024",
                                         "25.12.2023", "1712145600"};
  const TimeReader reader = auto_reader(five);
  EXPECT_EQ(reader.read("2024-04-03"), kMidnight);
  EXPECT_EQ(reader.read("3 Apr 2024"), kMidnight);
  EXPECT_EQ(reader.read("3.4.2024"), kMidnight);
  EXPECT_EQ(reader.read("1712145600"), kNoon);
}

TEST(TimeReader, RefusesDatesThatAreNone) {
  const TimeReader reader = auto_reader({"2024-04-03"});
  for (const char* text : {"", "tomorrow", "2024-13-01", "2023-02-29",
                           "2024-04-03 25:00", "2024-04-03x", "99/99/9999"}) {
    EXPECT_FALSE(reader.read(text)) << text;
  }
}

TEST(TimeReader, FollowsAGivenFormat) {
  const TimeReader reader("%d/%m/%Y %H:%M", {});
  EXPECT_EQ(reader.read("03/04/2024 12:00"), kNoon);
  EXPECT_FALSE(reader.read("2024-04-03"));
}

TEST(TimeReader, RefusesAFormatThatIsNone) {
  try {
    TimeReader("yesterday", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'yesterday'"), std::string::npos);
  }
}

}  // namespace
}  // namespace ensue::data
