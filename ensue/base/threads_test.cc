// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace ensue {
namespace {

// Restores the number of threads that other tests rely on.
struct Threads {
  explicit Threads(int count) { set_threads(count); }
  ~Threads() { set_threads(0); }
};

TEST(ParallelFor, VisitsEveryPlaceOnce) {
  const Threads four(4);
  std::vector<std::atomic<int>> visits(1003);
  parallel_for(visits.size(), 10, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++visits[i];
  });
  for (std::size_t i = 0; i < visits.size(); ++i) {
    EXPECT_EQ(visits[i], 1) << "place " << i;
  }
}

TEST(ParallelFor, NoPieceIsLongerThanTheGrain) {
  const Threads four(4);
  std::atomic<std::size_t> longest{0}, pieces{0};
  parallel_for(25, 10, [&](std::size_t begin, std::size_t end) {
    ++pieces;
    std::size_t seen = longest;
    while (end - begin > seen &&
           !longest.compare_exchange_weak(seen, end - begin)) {
    }
  });
  EXPECT_EQ(longest, 10U);
  EXPECT_EQ(pieces, 3U);
}

TEST(ParallelFor, DoesNothingOverNothing) {
  parallel_for(0, 1, [](std::size_t, std::size_t) { FAIL(); });
}

TEST(ParallelFor, AGrainOfZeroCountsAsOne) {
  std::atomic<int> calls{0};
  parallel_for(3, 0, [&](std::size_t, std::size_t) { ++calls; });
  EXPECT_EQ(calls, 3);
}

TEST(ParallelFor, RethrowsWhatTheBodyThrew) {
  const Threads four(4);
  EXPECT_THROW(parallel_for(100, 1,
                            [](std::size_t begin, std::size_t) {
                              if (begin == 50) throw std::runtime_error("50");
                            }),
               std::runtime_error);
}

TEST(ParallelFor, WorksAgainAfterAnException) {
  const Threads four(4);
  EXPECT_ANY_THROW(parallel_for(
      9, 1, [](std::size_t, std::size_t) { throw std::runtime_error("x"); }));
  std::atomic<int> calls{0};
  parallel_for(9, 1, [&](std::size_t, std::size_t) { ++calls; });
  EXPECT_EQ(calls, 9);
}

TEST(ParallelFor, NestedCallsStayOnTheirThread) {
  const Threads four(4);
  std::atomic<int> strangers{0};
  parallel_for(8, 1, [&](std::size_t, std::size_t) {
    const auto mine = std::this_thread::get_id();
    parallel_for(8, 1, [&](std::size_t, std::size_t) {
      strangers += std::this_thread::get_id() != mine;
    });
  });
  EXPECT_EQ(strangers, 0);
}

TEST(ParallelFor, OneThreadMeansTheCallersThreadInOrder) {
  const Threads one(1);
  std::vector<std::size_t> order;
  parallel_for(30, 10,
               [&](std::size_t begin, std::size_t) { order.push_back(begin); });
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 10, 20}));
}

TEST(Threads, AreAtLeastOneAndAsManyAsSaid) {
  EXPECT_GE(threads(), 1);
  const Threads three(3);
  EXPECT_EQ(threads(), 3);
}

}  // namespace
}  // namespace ensue
