// SPDX-License-Identifier: Apache-2.0
// What a piece of work takes in a process of its own.
#pragma once

#include <functional>

namespace ensue::apps {

struct Cost {
  double seconds = 0, peak_gb = 0, cpu_seconds = 0;
};

/// Runs `body` in a child, so that its memory is its own. Call it while no
/// other thread runs.
/// @throws Error(kUnavailable) when it does not end well; the child says why on
///   standard error.
Cost in_child(const std::function<void()>& body);

}  // namespace ensue::apps
