// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>

namespace ensue::serve {
namespace {

using namespace std::chrono_literals;

// Runs jobs as they come; the first one waits until it is let go.
struct Held {
  std::promise<void> go;
  std::shared_future<void> gone{go.get_future()};
  std::mutex mutex;
  std::vector<std::size_t> sizes;  // of what ran together
  std::atomic<bool> first{true};

  Workers::Runner runner() {
    return [this](std::vector<void*>& together) {
      if (first.exchange(false)) gone.wait();
      const std::lock_guard lock(mutex);
      sizes.push_back(together.size());
    };
  }
};

const int kKey = 0, kOther = 0;

void wait_until_taken(const Workers& workers) {
  while (workers.waiting() > 0) std::this_thread::sleep_for(1ms);
}

TEST(Workers, RunNeighboursOfOneKeyTogether) {
  Held held;
  {
    Workers workers({.threads = 1, .longest_wait = 10s}, held.runner());
    workers.submit({});
    wait_until_taken(workers);
    for (int i = 0; i < 40; ++i) workers.submit({&kKey, nullptr});
    workers.submit({&kOther, nullptr});
    workers.submit({&kKey, nullptr});
    workers.submit({});
    workers.submit({});
    held.go.set_value();
  }
  EXPECT_EQ(held.sizes, (std::vector<std::size_t>{1, 32, 8, 1, 1, 1, 1}));
}

TEST(Workers, RefuseWhatWouldWaitTooLong) {
  Held held;
  Workers workers({.threads = 1, .most_waiting = 3, .longest_wait = 20ms},
                  held.runner());
  workers.submit({});
  wait_until_taken(workers);
  EXPECT_TRUE(workers.submit({}));
  EXPECT_TRUE(workers.submit({}));
  EXPECT_TRUE(workers.submit({}));
  EXPECT_FALSE(workers.submit({}));  // three wait already
  held.go.set_value();
  wait_until_taken(workers);

  Held again;
  Workers others({.threads = 1, .longest_wait = 20ms}, again.runner());
  others.submit({});
  wait_until_taken(others);
  EXPECT_TRUE(others.submit({}));
  std::this_thread::sleep_for(40ms);
  EXPECT_FALSE(others.submit({}));  // the one in front has waited 40 ms
  again.go.set_value();
}

TEST(Workers, SlowJobsDoNotHoldUpQuickOnes) {
  Held held;
  Workers workers({.threads = 1, .slow_threads = 1}, held.runner());
  workers.submit_slow(nullptr);
  while (held.first) std::this_thread::sleep_for(1ms);
  workers.submit({});
  while (true) {
    const std::lock_guard lock(held.mutex);
    if (!held.sizes.empty()) break;
  }
  held.go.set_value();
}

TEST(Workers, FinishWhatWasAdmitted) {
  std::atomic<int> ran{0};
  {
    Workers workers({.threads = 2, .longest_wait = 10s},
                    [&](std::vector<void*>& together) {
                      std::this_thread::sleep_for(1ms);
                      ran += static_cast<int>(together.size());
                    });
    for (int i = 0; i < 50; ++i) workers.submit({});
    for (int i = 0; i < 5; ++i) workers.submit_slow(nullptr);
  }
  EXPECT_EQ(ran, 55);
}

// Three times as many jobs as can be done: those admitted wait no longer than
// they may, the rest is refused at once.
TEST(Workers, KeepTheWaitOfTheAdmittedUnderOverload) {
  using Clock = Workers::Clock;
  constexpr auto kJob = 3ms, kEvery = 1ms, kLongest = 30ms;
  std::vector<Clock::time_point> since(1500), begun(since.size());
  int refused = 0;
  {
    Workers workers({.threads = 1, .longest_wait = kLongest},
                    [&](std::vector<void*>& together) {
                      const auto job =
                          static_cast<Clock::time_point*>(together.front()) -
                          since.data();
                      begun[static_cast<std::size_t>(job)] = Clock::now();
                      std::this_thread::sleep_for(kJob);
                    });
    auto next = Clock::now();
    for (auto& at : since) {
      std::this_thread::sleep_until(next += kEvery);
      at = Clock::now();
      refused += !workers.submit({nullptr, &at});
    }
  }
  std::vector<Clock::duration> waits;
  for (std::size_t i = 0; i < since.size(); ++i) {
    if (begun[i] != Clock::time_point()) waits.push_back(begun[i] - since[i]);
  }
  EXPECT_EQ(waits.size() + static_cast<std::size_t>(refused), since.size());
  EXPECT_GT(refused, 700);  // two of three, about
  EXPECT_GT(waits.size(), 150U);
  std::ranges::sort(waits);
  // What is refused is what would have waited longer; a machine that is busy
  // with other things may hold up a few.
  EXPECT_LT(waits[waits.size() / 2], kLongest + 5ms);
  EXPECT_LT(waits[waits.size() * 95 / 100], kLongest + 30ms);
}

}  // namespace
}  // namespace ensue::serve
