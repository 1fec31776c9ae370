// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ensue/store/testing_crashes.h"

namespace ensue::store {
namespace {

TEST(Crash, AlwaysLosesNoCallThatReturned) {
  const CrashReport report = crash_rounds({.rounds = 50, .seed = 1});
  EXPECT_EQ(report.problem, "");
  EXPECT_EQ(report.lost, 0U) << "of " << report.calls << " calls";
  EXPECT_EQ(report.within_promise, 0U);
  EXPECT_GT(report.calls, 500U);
}

TEST(Crash, EverySecLosesOnlyWhatCameAfterTheLastSync) {
  const CrashReport report =
      crash_rounds({.rounds = 50, .seed = 2, .sync = Sync::kEverySec});
  EXPECT_EQ(report.problem, "");
  EXPECT_EQ(report.lost, 0U) << "of " << report.calls << " calls";
  EXPECT_GT(report.within_promise, 0U) << "the disk has lost nothing at all";
}

// Shows that the two above can fail: the same rounds on a disk that does not
// do what it is asked for.
TEST(Crash, WithoutTheSyncCallsAreLost) {
  const CrashReport report =
      crash_rounds({.rounds = 8, .seed = 1, .ignore_sync = true});
  EXPECT_TRUE(report.lost > 0 || !report.problem.empty());
}

}  // namespace
}  // namespace ensue::store
