// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/retention.h"

#include <gtest/gtest.h>

#include <limits>

namespace ensue::store {
namespace {

using Entry = std::pair<int, char>;  // time, name

std::vector<Entry> after(const std::vector<Entry>& events, std::size_t limit) {
  std::vector<Entry> record;
  for (const Entry& event : events) {
    admit(record, event, limit, [](const Entry& e) { return e.first; });
  }
  return record;
}

TEST(Retention, CutsAtFiveQuartersToTheLatestByTime) {
  const std::vector<Entry> five = {
      {5, 'a'}, {1, 'b'}, {4, 'c'}, {2, 'd'}, {3, 'e'}};
  EXPECT_EQ(after(five, 4), five) << "five are not more than 5/4 of four";
  std::vector<Entry> six = five;
  six.push_back({6, 'f'});
  EXPECT_EQ(after(six, 4),
            (std::vector<Entry>{{5, 'a'}, {4, 'c'}, {3, 'e'}, {6, 'f'}}));
}

TEST(Retention, OfEqualTimesTheLastToArriveStay) {
  EXPECT_EQ(after({{1, 'a'}, {1, 'b'}, {1, 'c'}}, 2),
            (std::vector<Entry>{{1, 'b'}, {1, 'c'}}));
}

TEST(Retention, WithoutALimitEverythingStays) {
  EXPECT_EQ(after(std::vector<Entry>(1000, {1, 'a'}), 0).size(), 1000U);
}

TEST(Retention, DaysBeforeDoNotOverflow) {
  const std::int64_t first = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(days_before(10 * events::kDayMs, 3), 7 * events::kDayMs);
  EXPECT_EQ(days_before(first, 3), first);
  EXPECT_EQ(days_before(0, std::numeric_limits<std::int64_t>::max()), first);
}

}  // namespace
}  // namespace ensue::store
