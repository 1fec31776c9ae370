// SPDX-License-Identifier: Apache-2.0
// The facts of the interface, over every store.
#include "ensue/store/event_store.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

using events::Millis;
constexpr Millis kNow{1'700'000'000'000};
constexpr Millis days_later(std::int64_t days) {
  return Millis{events::count(kNow) + days * events::kDayMs};
}

class EveryStore : public testing::TestWithParam<BedMaker> {
 protected:
  /// Opens a store that keeps things so.
  EventStore& open(Retention retention = {}) {
    bed_ = GetParam().make(retention);
    return bed_->store();
  }
  EventStore& again() {
    bed_->restart();
    return bed_->store();
  }
  void SetUp() override {
    if (!GetParam().available()) {
      GTEST_SKIP() << GetParam().name << " is not on this machine";
    }
  }

 private:
  std::unique_ptr<Bed> bed_;
};

INSTANTIATE_TEST_SUITE_P(Stores, EveryStore, testing::ValuesIn(beds()),
                         [](const auto& param) { return param.param.name; });

std::vector<std::string> items(const UserEvents& user) {
  std::vector<std::string> out;
  for (const Event& event : user.events) out.push_back(event.item);
  return out;
}
using Items = std::vector<std::string>;

TEST_P(EveryStore, GivesBackEveryFieldOfAnEvent) {
  EventStore& store = open();
  const Event bare = view("ann", "", -5);
  const Event rich = full("ann", "\xF0\x9F\x8E\x81 lamp", 1234567890123);
  store.append(std::vector{rich, bare}, kNow);
  const UserEvents user = store.user("ann");
  ASSERT_EQ(user.events.size(), 2U);
  EXPECT_EQ(user.events[0], bare);
  EXPECT_EQ(user.events[1], rich);
  EXPECT_EQ(again().user("ann").events, user.events) << "after a restart";
}

TEST_P(EveryStore, LateEventsTakeTheirPlaceByTime) {
  EventStore& store = open();
  store.append(std::vector{view("u", "c", 30), view("u", "a", 10)}, kNow);
  store.append(std::vector{view("u", "b", 20), view("v", "x", 1)}, kNow);
  EXPECT_EQ(items(store.user("u")), (Items{"a", "b", "c"}));
}

TEST_P(EveryStore, EqualTimesStandInTheOrderOfArrival) {
  EventStore& store = open();
  store.append(std::vector{view("u", "b", 5), view("u", "a", 5)}, kNow);
  store.append(std::vector{view("u", "c", 5)}, kNow);
  EXPECT_EQ(items(store.user("u")), (Items{"b", "a", "c"}));
}

TEST_P(EveryStore, TimesAtTheEndsOfTheirRangeAreExact) {
  EventStore& store = open();
  const std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                     high = std::numeric_limits<std::int64_t>::max();
  store.append(std::vector{view("u", "b", high), view("u", "a", low)}, kNow);
  const UserEvents user = store.user("u");
  ASSERT_EQ(user.events.size(), 2U);
  EXPECT_EQ(user.events[0].time, Millis{low});
  EXPECT_EQ(user.events[1].time, Millis{high});
}

TEST_P(EveryStore, VersionsGrowWithEveryChange) {
  EventStore& store = open();
  EXPECT_EQ(store.version("u"), 0U);
  store.append(std::vector{view("u", "a", 1)}, kNow);
  const std::uint64_t first = store.version("u");
  EXPECT_GT(first, 0U);
  store.append(std::vector{view("v", "a", 1)}, kNow);
  EXPECT_EQ(store.version("u"), first) << "another user's event";
  store.append(std::vector{view("u", "b", 0)}, kNow);
  EXPECT_GT(store.version("u"), first);
  EXPECT_EQ(store.user("u").version, store.version("u"));
}

TEST_P(EveryStore, VersionsGrowOverAnErasure) {
  EventStore& store = open();
  store.append(std::vector{view("u", "a", 1), view("u", "b", 2)}, kNow);
  const std::uint64_t before = store.version("u");
  store.erase("u");
  EXPECT_EQ(store.version("u"), 0U);
  EventStore& later = again();
  later.append(std::vector{view("u", "a", 1)}, kNow);
  EXPECT_GT(later.version("u"), before);
}

TEST_P(EveryStore, AnEventWithoutUserIsRefusedAndNothingIsStored) {
  EventStore& store = open();
  EXPECT_THROW(
      store.append(std::vector{view("u", "a", 1), view("", "a", 1)}, kNow),
      Error);
  EXPECT_EQ(store.version("u"), 0U);
}

TEST_P(EveryStore, AnEventIdIsStoredOnce) {
  EventStore& store = open();
  Event once = view("u", "a", 1);
  once.event_id = "e1";
  const Event other = view("u", "b", 2);
  EXPECT_EQ(store.append(std::vector{once, other, once, other}, kNow).stored,
            (std::vector{true, true, false, true}));
  EXPECT_EQ(again().append(std::vector{once}, kNow).stored, std::vector{false});
  EXPECT_EQ(items(again().user("u")), (Items{"a", "b", "b"}));
}

TEST_P(EveryStore, AnEventIdIsForgottenAfterItsWindow) {
  EventStore& store = open({.event_id_days = 2});
  Event once = view("u", "a", 1);
  once.event_id = "e1";
  const auto stored = [&](Millis now) -> bool {
    return store.append(std::vector{once}, now).stored[0];
  };
  EXPECT_TRUE(stored(kNow));
  EXPECT_FALSE(stored(days_later(1)));
  EXPECT_TRUE(stored(days_later(2)));
  EXPECT_FALSE(stored(days_later(3))) << "remembered from its second time";
  store.prune(days_later(4));
  EXPECT_TRUE(stored(days_later(3))) << "what prune() forgot stays forgotten";
}

TEST_P(EveryStore, ARecordIsCutToTheLatestByTime) {
  EventStore& store = open({.events_per_user = 4});
  for (const int time : {5, 1, 4, 2, 3}) {
    store.append(std::vector{view("u", std::to_string(time), time)}, kNow);
  }
  EXPECT_EQ(items(store.user("u")), (Items{"1", "2", "3", "4", "5"}));
  const std::uint64_t before = store.version("u");
  store.append(std::vector{view("u", "6", 6)}, kNow);
  EXPECT_EQ(items(store.user("u")), (Items{"3", "4", "5", "6"}));
  EXPECT_EQ(store.version("u"), before + 1);
}

TEST_P(EveryStore, BatchesDoNotChangeWhatIsCut) {
  std::vector<Event> events;
  for (int i = 0; i < 57; ++i) {
    events.push_back(view("u", "i" + std::to_string(i), (i * 37) % 50));
  }
  EventStore& one_by_one = open({.events_per_user = 8});
  for (const Event& event : events) {
    one_by_one.append(std::span(&event, 1), kNow);
  }
  const UserEvents expected = one_by_one.user("u");
  EventStore& together = open({.events_per_user = 8});
  together.append(events, kNow);
  EXPECT_EQ(together.user("u").events, expected.events);
  EXPECT_EQ(together.user("u").version, expected.version);
}

TEST_P(EveryStore, RemovesTheEventsThatAreNamed) {
  EventStore& store = open();
  Event once = view("u", "b", 2);
  once.event_id = "e1";
  store.append(std::vector{view("u", "a", 1), once, view("u", "b", 3)}, kNow);
  const std::uint64_t before = store.version("u");
  const auto is_b = [](const Event& event) { return event.item == "b"; };
  EXPECT_EQ(store.remove("u", is_b), 2U);
  EXPECT_EQ(items(store.user("u")), Items{"a"});
  EXPECT_GT(store.version("u"), before);
  EXPECT_EQ(store.remove("u", is_b), 0U);
  EXPECT_EQ(store.remove("nobody", is_b), 0U);
  EXPECT_EQ(store.append(std::vector{once}, kNow).stored, std::vector{false})
      << "a late repeat does not bring it back";
  store.remove("u", [](const Event&) { return true; });
  EXPECT_EQ(store.version("u"), 0U);
  EXPECT_TRUE(store.users("", 10).names.empty());
}

TEST_P(EveryStore, ErasesEverythingOfAUser) {
  EventStore& store = open();
  const Event event = full("u", "a", 1);
  store.append(std::vector{event, view("v", "a", 1)}, kNow);
  store.keep({.id = "a1", .user = "u", .model = "m", .time = kNow});
  store.put(Kind::kUser, std::vector<Document>{{"u", "{}"}});
  EXPECT_TRUE(store.erase("u"));
  EXPECT_FALSE(store.erase("u"));
  EventStore& later = again();
  EXPECT_TRUE(later.user("u").events.empty());
  EXPECT_TRUE(later.answers("u", Millis{0}).empty());
  EXPECT_FALSE(later.document(Kind::kUser, "u"));
  EXPECT_EQ(all_users(later, 10), std::vector<std::string>{"v"});
  EXPECT_EQ(later.append(std::vector{event}, kNow).stored, std::vector{true})
      << "the event id is forgotten too";
}

TEST_P(EveryStore, ListsUsersWithEventsOrDocumentsByPages) {
  EventStore& store = open();
  std::vector<std::string> expected;
  for (int i = 0; i < 23; ++i) {
    const std::string name = "user" + std::to_string(i);
    expected.push_back(name);
    if (i % 3 != 0) store.append(std::vector{view(name, "a", i)}, kNow);
    if (i % 3 != 1) {
      store.put(Kind::kUser, std::vector<Document>{{name, "{}"}});
    }
  }
  std::ranges::sort(expected);
  for (const std::size_t limit : {1, 5, 23, 100}) {
    EXPECT_EQ(all_users(store, limit), expected) << "pages of " << limit;
  }
}

TEST_P(EveryStore, ReadSinceGivesEachEventOnce) {
  EventStore& store = open();
  std::uint64_t cursor = 0;
  const Event a = full("u", "a", 2), b = view("u", "b", 1),
              c = view("v", "c", 1), d = view("u", "d", 3);
  store.append(std::vector{a, b}, kNow);
  EXPECT_EQ(since(store, cursor), (std::vector{a, b})) << "by arrival";
  EXPECT_EQ(since(store, cursor), std::vector<Event>{});
  store.append(std::vector{c, d}, kNow);
  EventStore& later = again();
  EXPECT_EQ(since(later, cursor), (std::vector{d, c}));
  EXPECT_EQ(since(again(), cursor), std::vector<Event>{});
  std::uint64_t start = 0;
  EXPECT_EQ(since(again(), start), (std::vector{a, b, d, c}));
}

TEST_P(EveryStore, ReadSinceLeavesOutWhatIsGone) {
  EventStore& store = open();
  std::uint64_t cursor = 0;
  const Event a = view("u", "a", 1), b = view("u", "b", 2),
              c = view("u", "c", 3);
  store.append(std::vector{a, b}, kNow);
  EXPECT_EQ(since(store, cursor).size(), 2U);
  store.append(std::vector{c, view("v", "x", 1)}, kNow);
  store.remove("u", [](const Event& event) { return event.item == "a"; });
  store.erase("v");
  EXPECT_EQ(since(store, cursor), std::vector{c});
}

TEST_P(EveryStore, KeepsAnswersForTheirTime) {
  EventStore& store = open({.answer_days = 3});
  const auto kept = [](std::string id, Millis time) {
    Answer answer{.id = std::move(id), .user = "u", .model = "m", .time = time};
    answer.items = {{"a", 0.5F, 1}, {"b", 0.25F, 0.125F}};
    return answer;
  };
  store.keep(kept("02", days_later(1)));
  store.keep(kept("01", kNow));
  store.keep(kept("03", days_later(2)));
  EventStore& later = again();
  const auto ids = [&](Millis from) {
    std::string out;
    for (const Answer& answer : later.answers("u", from)) out += answer.id;
    return out;
  };
  EXPECT_EQ(ids(Millis{0}), "010203");
  EXPECT_EQ(ids(days_later(1)), "0203");
  const std::optional<Answer> one = later.answer("u", "01");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->model, "m");
  EXPECT_EQ(one->time, kNow);
  ASSERT_EQ(one->items.size(), 2U);
  EXPECT_EQ(one->items[1].item, "b");
  EXPECT_EQ(one->items[1].score, 0.25F);
  EXPECT_EQ(one->items[1].propensity, 0.125F);
  later.prune(days_later(4));
  EXPECT_EQ(ids(Millis{0}), "0203");
  EXPECT_FALSE(later.answer("u", "01"));
  EXPECT_FALSE(later.answer("v", "02"));
}

TEST_P(EveryStore, KeepsDocuments) {
  EventStore& store = open();
  store.put(Kind::kItem, std::vector<Document>{{"b", "1"}, {"a", "2"}});
  store.put(Kind::kItem, std::vector<Document>{{"b", "3"}, {"c", "4"}});
  store.put(Kind::kUser, std::vector<Document>{{"b", "5"}});
  EventStore& later = again();
  EXPECT_EQ(later.document(Kind::kItem, "b"), "3");
  EXPECT_EQ(later.document(Kind::kUser, "b"), "5");
  EXPECT_FALSE(later.document(Kind::kUser, "a"));
  const std::vector<Document> page = later.documents(Kind::kItem, "a", 1);
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].id, "b");
  EXPECT_EQ(later.documents(Kind::kItem, "", 10).size(), 3U);
  EXPECT_TRUE(later.drop(Kind::kItem, "b"));
  EXPECT_FALSE(later.drop(Kind::kItem, "b"));
  EXPECT_EQ(later.documents(Kind::kItem, "", 10).size(), 2U);
}

TEST_P(EveryStore, PruneDropsWhatIsTooOldAndNamesTheUsers) {
  EventStore& store = open({.days = 10});
  const auto at = [](std::string_view user, std::int64_t days) {
    return view(user, "d" + std::to_string(days),
                events::count(days_later(days)));
  };
  store.append(std::vector{at("u", 0), at("u", 5), at("v", 5), at("w", 0)},
               kNow);
  const std::uint64_t before = store.version("u");
  std::vector<std::string> changed = store.prune(days_later(11));
  std::ranges::sort(changed);
  EXPECT_EQ(changed, (std::vector<std::string>{"u", "w"}));
  EXPECT_EQ(items(store.user("u")), Items{"d5"});
  EXPECT_GT(store.version("u"), before);
  EXPECT_EQ(all_users(store, 10), (std::vector<std::string>{"u", "v"}));
  EXPECT_TRUE(store.prune(days_later(11)).empty());
}

TEST_P(EveryStore, NamesMayHoldAnyBytes) {
  EventStore& store = open();
  const std::string odd("a\0b\n\xFF:{}", 8);
  Event event = view(odd, odd, 1);
  event.action = odd;
  event.text = odd;
  store.append(std::vector{event}, kNow);
  store.put(Kind::kItem, std::vector<Document>{{odd, odd}});
  EventStore& later = again();
  EXPECT_EQ(later.user(odd).events, std::vector{event});
  EXPECT_EQ(later.document(Kind::kItem, odd), odd);
  EXPECT_EQ(later.users("", 1).names, std::vector{odd});
}

TEST_P(EveryStore, SaysItsSize) {
  EventStore& store = open();
  for (int i = 0; i < 50; ++i) {
    store.append(std::vector{view("u" + std::to_string(i), "a", i)}, kNow);
  }
  EXPECT_GT(store.size().bytes, 0U);
}

}  // namespace
}  // namespace ensue::store
