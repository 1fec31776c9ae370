// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/sequences.h"

#include <gtest/gtest.h>

#include <string>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

using events::Millis;
using Items = std::vector<std::uint32_t>;

events::Vocabulary vocabulary(std::vector<std::string> names) {
  return events::Vocabulary::from_names(std::span<const std::string>(names));
}

events::Log small_log() {
  return events::LogBuilder()
      .add("ann", "a", Millis{1})
      .add("ann", "b", Millis{2})
      .add("ann", "", Millis{3}, "search")
      .add("ann", "c", Millis{4})
      .add("bob", "c", Millis{5})
      .build();
}

TEST(Sequences, CarryTheIdsOfTheModelNotOfTheLog) {
  const TrainRange train[] = {{0, 4}, {0, 1}};
  const auto got =
      read_sequences(small_log(), train, vocabulary({"c", "b", "a"}));
  EXPECT_EQ(got.items, Items({2, 1, 0, 0}));
  EXPECT_EQ(got.offsets, std::vector<std::uint64_t>({0, 3, 4}));
}

TEST(Sequences, LeaveOutEventsOutsideTheRangeAndUnknownItems) {
  const TrainRange train[] = {{1, 4}, {0, 0}};
  const auto got = read_sequences(small_log(), train, vocabulary({"a", "c"}));
  EXPECT_EQ(got.items, Items({1}));
  EXPECT_EQ(got.offsets, std::vector<std::uint64_t>({0, 1, 1}));
}

TEST(Sequences, RefuseARangeLongerThanTheHistoryNamingTheUser) {
  const TrainRange train[] = {{0, 4}, {0, 2}};
  try {
    read_sequences(small_log(), train, vocabulary({"a"}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("user 1"), std::string::npos);
  }
}

TEST(Sequences, RefuseARangePerUserTooFew) {
  const TrainRange train[] = {{0, 4}};
  EXPECT_THROW(read_sequences(small_log(), train, vocabulary({"a"})), Error);
}

TEST(Sequences, RefuseNothingToLearnFrom) {
  const TrainRange train[] = {{0, 4}, {0, 1}};
  EXPECT_THROW(read_sequences(small_log(), train, vocabulary({"x"})), Error);
}

Sequences basket_sequences() {
  return {.catalogue = 4,
          .offsets = {0, 4, 5},
          .items = {3, 1, 3, 2, 0},
          .times = {Millis{1}, Millis{1}, Millis{1}, Millis{2}, Millis{2}}};
}

TEST(Instants, OfABasketLogAreSetsOfWhatWasTakenAtOnce) {
  const Instants got = group_instants(basket_sequences(), /*baskets=*/true);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(Items(got[0].begin(), got[0].end()), Items({1, 3}));
  EXPECT_EQ(Items(got[1].begin(), got[1].end()), Items({2}));
}

TEST(Instants, AreNotFollowedByAnotherUsersInstant) {
  const Instants got = group_instants(basket_sequences(), /*baskets=*/true);
  EXPECT_EQ(got.followed, std::vector<std::uint8_t>({1, 0, 0}));
}

TEST(Instants, OfAnOrderedLogAreSingleEvents) {
  const Instants got = group_instants(basket_sequences(), /*baskets=*/false);
  EXPECT_EQ(got.items, Items({3, 1, 3, 2, 0}));
  EXPECT_EQ(got.followed, std::vector<std::uint8_t>({1, 1, 1, 0, 0}));
}

}  // namespace
}  // namespace ensue::classic
