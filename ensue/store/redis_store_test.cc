// SPDX-License-Identifier: Apache-2.0
// What is Redis's own: several servers, connections that break.
#include "ensue/store/redis_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/rng.h"
#include "ensue/store/internal/redis_link.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

constexpr events::Millis kNow{1'700'000'000'000};

class RedisStore : public testing::Test {
 protected:
  void SetUp() override {
    if (redis_socket().empty()) GTEST_SKIP() << "no redis-server here";
  }
  std::unique_ptr<EventStore> open() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    return open_redis(
        {.address = redis_socket(), .prefix = std::string(test->name()) + ":"});
  }
};

TEST_F(RedisStore, ServersSeeEachOthersEvents) {
  const auto one = open(), two = open();
  EXPECT_TRUE(one->shared());
  one->append(std::vector{view("u", "a", 1)}, kNow);
  EXPECT_EQ(two->user("u").events.size(), 1U);
  const std::uint64_t before = two->version("u");
  one->append(std::vector{view("u", "b", 2)}, kNow);
  EXPECT_GT(two->version("u"), before);
}

TEST_F(RedisStore, ServersStoreAnEventIdOnceBetweenThem) {
  std::atomic<int> stored = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t, store = std::shared_ptr(open())] {
      Rng rng(t);
      for (int i = 0; i < 100; ++i) {
        std::vector<Event> events;
        for (int j = 0; j < 5; ++j) {
          events.push_back(view("u", "a", 1));
          events.back().event_id = std::to_string(rng.below(200));
        }
        for (const bool is : store->append(events, kNow).stored) stored += is;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stored, 200);
  EXPECT_EQ(open()->user("u").events.size(), 200U);
}

TEST_F(RedisStore, ABrokenConnectionIsMadeAgain) {
  const auto store = open();
  store->append(std::vector{view("u", "a", 1)}, kNow);
  RedisLink other(redis_socket(), "", std::chrono::milliseconds(2000));
  other.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  store->append(std::vector{view("u", "b", 2)}, kNow);
  EXPECT_EQ(store->user("u").events.size(), 2U);
}

TEST_F(RedisStore, AServerThatIsNotThereIsUnavailable) {
  try {
    open_redis({.address = "/nowhere/redis.sock"});
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUnavailable);
    EXPECT_NE(std::string(error.what()).find("/nowhere/redis.sock"),
              std::string::npos);
  }
}

TEST_F(RedisStore, AWrongPasswordIsRefused) {
  EXPECT_THROW(open_redis({.address = redis_socket(), .password = "wrong"}),
               Error);
}

TEST_F(RedisStore, TheServersFilesForgetAnErasedUser) {
  namespace fs = std::filesystem;
  const auto store = open();
  const std::string name = "zoe@example.org";
  store->append(std::vector{full(name, "lamp", 1), view("u", "a", 1)}, kNow);
  EXPECT_TRUE(store->erase(name));
  const fs::path folder = fs::path(redis_socket()).parent_path();
  const auto held = [&] {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      std::error_code gone;
      if (!entry.is_regular_file(gone)) continue;
      try {
        if (read_file(entry.path()).find(name) != std::string::npos)
          return true;
      } catch (const Error&) {
      }
    }
    return false;
  };
  bool holds = true;
  for (int i = 0; i < 200 && holds; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    holds = held();
  }
  EXPECT_FALSE(holds);
}

}  // namespace
}  // namespace ensue::store
