// SPDX-License-Identifier: Apache-2.0
// How far back a model reads.
#pragma once

#include <cstddef>

#include "ensue/artifact/artifact.h"

namespace ensue::explain {

/// What a model's blocks say of how it reads a history.
struct Reach {
  std::size_t window = 0;  // events of a segment; 0: any number
  std::size_t layers = 1;  // latest of the segment that matter; 0: all
  std::size_t head = 0;    // latest events that its head looks at
  bool masked = false;     // asked by a mask: the latest `window` events count
  bool known = true;       // false: nothing is known, it may read everything

  /// Of `events` events the first that the model may read, with its place
  /// among those read: any that come before could be others, but not fewer.
  std::size_t first_read(std::size_t events) const noexcept;
};

/// Never too short; blocks that it does not know may read everything.
Reach reach_of(const artifact::Description& about);

}  // namespace ensue::explain
