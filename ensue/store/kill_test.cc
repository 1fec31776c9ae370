// SPDX-License-Identifier: Apache-2.0
// kill -9 of a process that writes: what it said was stored is there.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "ensue/base/rng.h"
#include "ensue/store/rocks_store.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

// Runs the writer from call `first` on, kills it after `ms`, and gives what it
// told.
std::string told(const std::string& folder, const char* sync, int first,
                 int ms) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const std::string from = std::to_string(first);
  const ::pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(ENSUE_STORE_WRITER, "store_writer", folder.c_str(), sync,
            from.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    ::kill(child, SIGKILL);
  });
  std::string out;
  char some[4096];
  for (ssize_t size; (size = ::read(ends[0], some, sizeof some)) > 0;) {
    out.append(some, static_cast<std::size_t>(size));
  }
  killer.join();
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return out;
}

class Kill : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Sync, Kill, testing::Values("always", "everysec"),
                         [](const auto& param) { return param.param; });

TEST_P(Kill, WhatWasAcknowledgedIsThere) {
  TestFolder folder;
  Rng rng(5);
  int next = 1, acknowledged = 0;
  for (int round = 0; round < 4; ++round) {
    const std::string lines = told(folder.path().string(), GetParam(), next,
                                   300 + static_cast<int>(rng.below(300)));
    const std::size_t last = lines.rfind('\n', lines.size() - 2);
    if (!lines.empty()) {
      acknowledged = std::stoi(lines.substr(last + 1));
    }
    const auto store = open_rocks(
        folder.path(),
        {.retention = {.events_per_user = 0}, .cache_bytes = 4 << 20});
    for (int user = 0; user < 3; ++user) {
      const UserEvents all = store->user("user" + std::to_string(user));
      // Two of each call, without a gap; the last call was perhaps under way.
      const int there = static_cast<int>(all.events.size()) / 2;
      ASSERT_EQ(all.events.size() % 2, 0U) << "a call is whole or not there";
      ASSERT_GE(there, acknowledged);
      ASSERT_LE(there, acknowledged + 1);
      for (std::size_t i = 0; i < all.events.size(); ++i) {
        ASSERT_EQ(all.events[i].item, std::to_string(i / 2 + 1));
      }
      next = there + 1;
    }
    acknowledged = next - 1;
  }
  EXPECT_GT(acknowledged, 20);
}

}  // namespace
}  // namespace ensue::store
