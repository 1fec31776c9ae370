// SPDX-License-Identifier: Apache-2.0
// Thousands of random calls: every store answers as the memory store does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ensue/base/rng.h"
#include "ensue/store/memory_store.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr Retention kRetention{
    .events_per_user = 25, .days = 4, .event_id_days = 2, .answer_days = 3};

class RandomCalls : public testing::TestWithParam<BedMaker> {
 protected:
  void SetUp() override {
    if (!GetParam().available()) {
      GTEST_SKIP() << GetParam().name << " is not on this machine";
    }
  }

  std::string random_name() { return "user" + std::to_string(rng_.below(15)); }

  Event random_event() {
    const std::int64_t late =
        rng_.chance(0.2) ? static_cast<std::int64_t>(rng_.below(9 * 86'400'000))
                         : 0;
    Event event = view(random_name(), "item" + std::to_string(rng_.below(40)),
                       (now_ - late) / 1000 * 1000);
    if (rng_.chance(0.3)) event = full(event.user, event.item, now_ - late);
    event.event_id = rng_.chance(0.5) ? std::to_string(rng_.below(400)) : "";
    if (rng_.chance(0.1)) event.item.clear();
    if (rng_.chance(0.1)) event.value = std::nanf("");
    return event;
  }

  // The same call to both; what they say must be the same.
  void call(EventStore& a, EventStore& b) {
    now_ += static_cast<std::int64_t>(rng_.below(600'000));
    const std::uint64_t kind = rng_.below(100);
    const std::string name = random_name();
    if (kind < 60) {
      std::vector<Event> events(1 + rng_.below(12));
      std::ranges::generate(events, [&] { return random_event(); });
      EXPECT_EQ(a.append(events, events::Millis{now_}).stored,
                b.append(events, events::Millis{now_}).stored);
    } else if (kind < 67) {
      const std::uint64_t part = 2 + rng_.below(5);
      const auto gone = [&](const Event& event) {
        return std::hash<std::string>()(event.item) % part == 0;
      };
      EXPECT_EQ(a.remove(name, gone), b.remove(name, gone));
    } else if (kind < 75) {
      const Answer answer{.id = std::to_string(now_ + 5'000'000'000'000),
                          .user = name,
                          .model = "m",
                          .time = events::Millis{now_},
                          .items = {{name, 0.5F, 0.25F}, {"item1", 1, 1}}};
      a.keep(answer);
      b.keep(answer);
    } else if (kind < 85) {
      put(a, b, name);
    } else if (kind < 90) {
      const Kind which = rng_.chance(0.5) ? Kind::kItem : Kind::kUser;
      EXPECT_EQ(a.drop(which, name), b.drop(which, name));
    } else if (kind < 94) {
      std::uint64_t other = cursor_;
      EXPECT_EQ(since(a, cursor_), since(b, other));
      EXPECT_EQ(cursor_, other);
    } else if (kind < 97) {
      std::vector<std::string> x = a.prune(events::Millis{now_}),
                               y = b.prune(events::Millis{now_});
      std::ranges::sort(x);
      std::ranges::sort(y);
      EXPECT_EQ(x, y);
    } else {
      erase(a, b, name);
    }
  }

  void put(EventStore& a, EventStore& b, const std::string& name) {
    const std::vector<Document> some = {{name, std::to_string(now_)},
                                        {random_name(), "{}"}};
    const Kind which = rng_.chance(0.5) ? Kind::kItem : Kind::kUser;
    a.put(which, some);
    b.put(which, some);
  }

  void erase(EventStore& a, EventStore& b, const std::string& name) {
    if (rng_.chance(0.8)) return;  // it is slow
    EXPECT_EQ(a.erase(name), b.erase(name));
  }

  Rng rng_{7};
  std::int64_t now_ = kStart;
  std::uint64_t cursor_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Stores, RandomCalls, testing::ValuesIn(beds()),
                         [](const auto& param) { return param.param.name; });

TEST_P(RandomCalls, GiveTheAnswersOfThePlainModel) {
  const std::unique_ptr<Bed> bed = GetParam().make(kRetention);
  const auto model = memory_store(kRetention);
  std::vector<std::string> names;
  for (int i = 0; i < 15; ++i) names.push_back("user" + std::to_string(i));
  for (int i = 0; i < 3000; ++i) {
    call(bed->store(), *model);
    if (i % 500 == 499) bed->restart();
    if (i % 20 == 0) {
      ASSERT_EQ(difference(bed->store(), *model, names), "") << "call " << i;
    }
    ASSERT_FALSE(HasFailure()) << "call " << i;
  }
  ASSERT_EQ(difference(bed->store(), *model, names), "");
  for (const std::string& name : names) {
    EXPECT_EQ(bed->store().document(Kind::kItem, name),
              model->document(Kind::kItem, name));
  }
}

}  // namespace
}  // namespace ensue::store
