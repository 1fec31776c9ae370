// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/record.h"

#include <gtest/gtest.h>

#include <limits>
#include <tuple>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/store/internal/wire.h"
#include "ensue/store/retention.h"

namespace ensue::store {
namespace {

auto fields(const Packed& event) {
  return std::tie(event.time, event.item, event.action, event.epoch,
                  event.extras);
}

void expect_same(const Record& a, const Record& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.version, b.version);
  ASSERT_EQ(a.events.size(), b.events.size());
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    EXPECT_EQ(fields(a.events[i]), fields(b.events[i])) << "event " << i;
  }
}

Packed random_event(Rng& rng) {
  Packed event;
  constexpr std::int64_t units[] = {1, 1000, 60'000, 3'600'000, 86'400'000};
  event.time =
      static_cast<std::int64_t>(rng.below(20'000)) * units[rng.below(5)] -
      5'000'000;
  event.item = static_cast<std::uint32_t>(rng.below(1 << rng.below(20)));
  event.action = static_cast<std::uint32_t>(rng.below(1 + rng.below(9)));
  event.epoch = rng.below(4);
  if (rng.chance(0.2)) event.extras = "some text";
  return event;
}

Record random_record(Rng& rng, std::size_t events) {
  Record record{.name = "ann"};
  for (std::size_t i = 0; i < events; ++i) {
    record.events.push_back(random_event(rng));
  }
  record.version = events + rng.below(1000);
  return record;
}

TEST(Wire, NumbersOfEverySizeComeBack) {
  std::string bytes;
  Writer writer(bytes);
  for (int bit = 0; bit < 64; ++bit) writer.varint((1ULL << bit) - 1);
  writer.varint(~0ULL);
  Reader reader(bytes);
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(reader.varint(), (1ULL << bit) - 1);
  }
  EXPECT_EQ(reader.varint(), ~0ULL);
  EXPECT_TRUE(reader.done());
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1},
        std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(unzigzag(zigzag(value)), value);
  }
  EXPECT_EQ(zigzag(-1), 1U);
  EXPECT_EQ(zigzag(1), 2U);
}

TEST(Record, ComesBackAsItWasPacked) {
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    const Record record = random_record(rng, rng.below(40));
    const std::string bytes = pack(record);
    expect_same(unpack(bytes), record);
    EXPECT_EQ(version_of(bytes), record.version);
  }
}

TEST(Record, ExtremeTimesAndActionsAreExact) {
  Record record{.name = "u", .version = 3};
  for (const std::int64_t time :
       {std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min(), std::int64_t{0}}) {
    record.events.push_back({.time = time,
                             .item = 0xFFFFFFFF,
                             .action = time == 0 ? 0 : 0xFFFFFFFF,
                             .epoch = ~0ULL});
  }
  expect_same(unpack(pack(record)), record);
}

// A head of 5 bytes and the name, an epoch (2), the unit, the first second (5),
// the least action and its bits: 50 views a minute apart cost 3 bytes each.
TEST(Record, FieldsThatAreAbsentCostNothing) {
  Record record{.name = "u", .version = 50};
  for (int i = 0; i < 50; ++i) {
    record.events.push_back(
        {.time = 1'700'000'040'000 + i * 60'000LL, .item = 1000, .action = 1});
  }
  EXPECT_LE(pack(record).size(), 50U * 3 + 16);
}

TEST(Record, DamagedBytesAreRefusedNotObeyed) {
  Rng rng(2);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = pack(random_record(rng, 1 + rng.below(20)));
    const std::size_t at = rng.below(bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.below(8)));
    if (rng.chance(0.3)) bytes.resize(rng.below(bytes.size()));
    try {
      unpack(bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kCorrupt);
    }
  }
}

TEST(Record, MergingInAnyGroupingIsMergingOneByOne) {
  Rng rng(3);
  for (int round = 0; round < 300; ++round) {
    const std::size_t limit = rng.below(12);
    std::vector<std::string> added;
    std::vector<Packed> plain;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < 1 + rng.below(12); ++i) {
      Record more = random_record(rng, 1 + rng.below(5));
      more.version = more.events.size() + 7;
      count += more.events.size();
      for (const Packed& event : more.events) {
        admit(plain, event, limit, [](const Packed& e) { return e.time; });
      }
      added.push_back(pack(more));
    }
    // Cut into a first merge, joined additions, and the rest.
    const std::vector<std::string_view> views(added.begin(), added.end());
    const std::span<const std::string_view> all(views);
    const std::size_t first = rng.below(views.size() + 1),
                      second = first + rng.below(views.size() - first + 1);
    std::string record;
    if (first > 0) record = merged(nullptr, all.first(first), limit);
    std::vector<std::string> rest;
    if (second > first) {
      rest.push_back(joined(all.subspan(first, second - first)));
    }
    for (const auto& view : all.subspan(second)) rest.emplace_back(view);
    const std::vector<std::string_view> rest_views(rest.begin(), rest.end());
    const std::string_view base = record;
    const std::string result =
        merged(first > 0 ? &base : nullptr, rest_views, limit);
    expect_same(unpack(result),
                {.name = "ann", .version = 7 + count, .events = plain});
  }
}

}  // namespace
}  // namespace ensue::store
