// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/states.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "ensue/base/rng.h"
#include "ensue/serve/testing.h"

namespace ensue::serve {
namespace {

using testing::event;

const std::vector<std::string> kModels = {"main"};

std::vector<float> scores_of(const LiveModel& model,
                             const runtime::State& state) {
  std::vector<float> out(model.engine().items());
  model.engine().score(state, out);
  return out;
}

// What the stored events alone say, encoded at once.
std::vector<float> truth(const LiveModel& model, const store::EventStore& store,
                         const std::string& user) {
  const auto known = model.translate(store.user(user).events);
  return scores_of(model, model.engine().encode(known.view()));
}

void ingest(States& states, store::EventStore& store,
            const std::vector<store::Event>& events) {
  States::Ingest around(states, events, kModels);
  around.after(store.append(events, events::Millis{0}).stored);
}

class EveryState : public ::testing::TestWithParam<std::string> {};

// Events arrive in order, late, in one instant, of unknown items and again;
// states are evicted for lack of memory and by restarts; records are cut.
TEST_P(EveryState, IsAFunctionOfTheStoredEventsAlone) {
  const store::Retention retention{.events_per_user = 12};
  const auto model = testing::live_model("main", GetParam(), 1);
  for (const std::size_t budget : {std::size_t{1} << 30, std::size_t{32'000}}) {
    const auto store = store::memory_store(retention);
    States states(budget, *store, retention);
    Rng rng(/*seed=*/budget);
    std::int64_t now = 1'000'000;
    for (int step = 0; step < 3000; ++step) {
      const std::string user = "u" + std::to_string(rng.below(12));
      std::vector<store::Event> batch;
      for (std::uint64_t n = rng.below(4); n > 0; --n) {
        now += static_cast<std::int64_t>(rng.below(3) * 1000);
        const std::int64_t late = rng.chance(0.1) ? 5000 : 0;
        batch.push_back(event(user, static_cast<int>(rng.below(70)),
                              now - late));  // 60 … 69 are unknown
        if (rng.chance(0.1)) batch.back().event_id = "once";
      }
      ingest(states, *store, batch);
      if (rng.chance(0.02)) states.clear();
      if (rng.chance(0.02)) {
        store->erase(user);
        states.forget(user, kModels);
      }
      if (rng.chance(0.5)) {
        const auto held = states.hold(model, user);
        ASSERT_EQ(scores_of(*model, held->state), truth(*model, *store, user))
            << "step " << step;
        ASSERT_EQ(held->events, store->user(user).events.size());
      }
    }
    const auto counts = states.counts();
    EXPECT_GT(counts.encoded, 50U);
    if (budget < 100'000) {
      EXPECT_GT(counts.evicted, 10U);
      EXPECT_LE(counts.bytes, budget);
    } else {
      EXPECT_GT(counts.hits, 100U);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryState,
                         ::testing::Values("gru", "attention", "hstu"),
                         [](const auto& param) { return param.param; });

TEST(States, StepInsteadOfEncodingWhenOnlyTheLatestIsNew) {
  const auto model = testing::live_model("main", "gru", 1);
  const auto store = store::memory_store();
  States states(1 << 30, *store, {});
  ingest(states, *store, {event("ann", 1, 1000)});
  states.hold(model, "ann");
  for (int i = 2; i < 12; ++i) {
    ingest(states, *store, {event("ann", i, 1000 * i)});
    states.hold(model, "ann");
  }
  EXPECT_EQ(states.counts().encoded, 1U);
  EXPECT_EQ(states.counts().stepped, 10U);
}

TEST(States, KnowTheItemsThatWereSeen) {
  const auto model = testing::live_model("main", "gru", 1);
  const auto store = store::memory_store();
  States states(1 << 30, *store, {});
  ingest(states, *store, {event("ann", 7, 1), event("ann", 3, 2)});
  EXPECT_EQ(states.hold(model, "ann")->seen,
            (std::vector<std::uint32_t>{3, 7}));
  ingest(states, *store, {event("ann", 5, 3), event("ann", 7, 4)});
  EXPECT_EQ(states.hold(model, "ann")->seen,
            (std::vector<std::uint32_t>{3, 5, 7}));
}

TEST(States, OfAnotherModelAreEncodedAnew) {
  const auto first = testing::live_model("main", "gru", 1);
  const auto second = testing::live_model("main", "gru", 2, /*seed=*/5);
  const auto store = store::memory_store();
  States states(1 << 30, *store, {});
  ingest(states, *store, {event("ann", 7, 1)});
  states.hold(first, "ann");
  const auto held = states.hold(second, "ann");
  EXPECT_EQ(scores_of(*second, held->state), truth(*second, *store, "ann"));
}

// Events of the same users from several threads, questions among them.
TEST(States, AgreeWithTheStoreAfterConcurrentIngest) {
  const auto model = testing::live_model("main", "attention", 1);
  const auto store = store::memory_store();
  States states(200'000, *store, {});
  std::atomic<std::int64_t> now{1000};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Rng rng(static_cast<std::uint64_t>(t));
      for (int i = 0; i < 500; ++i) {
        const std::string user = "u" + std::to_string(rng.below(4));
        ingest(states, *store,
               {event(user, static_cast<int>(rng.below(60)),
                      rng.chance(0.5) ? ++now : now.load())});
        if (rng.chance(0.5)) states.hold(model, user);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const char* user : {"u0", "u1", "u2", "u3"}) {
    const auto held = states.hold(model, user);
    EXPECT_EQ(scores_of(*model, held->state), truth(*model, *store, user));
  }
}

}  // namespace
}  // namespace ensue::serve
