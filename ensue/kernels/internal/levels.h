// SPDX-License-Identifier: Apache-2.0
// Runs a test on every CPU level that this machine has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include <cstdint>

namespace ensue::kernels {

/// Calls `test` once per level that was built and that the machine supports;
/// failures name the level.
template <class Test>
void on_every_level(const Test& test) {
  const auto choose = [](std::int64_t levels) {
    hwy::SetSupportedTargetsForTest(levels);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  };
  for (const std::int64_t level : hwy::SupportedAndGeneratedTargets()) {
    choose(level);
    const ::testing::ScopedTrace trace(__FILE__, __LINE__,
                                       hwy::TargetName(level));
    test();
  }
  choose(0);
}

}  // namespace ensue::kernels
