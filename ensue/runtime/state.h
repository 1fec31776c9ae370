// SPDX-License-Identifier: Apache-2.0
// What an engine remembers of one user.
#pragma once

#include <cstddef>
#include <vector>

#include "ensue/events/history.h"

namespace ensue::runtime {

class Engine;

/// What the engine remembers of one user. Copyable (a copy is a what-if
/// branch); one user, one thread. A function of the events stepped, alone.
class State {
 public:
  /// Events stepped so far whose item the model knows.
  std::size_t events() const noexcept { return events_; }
  /// Of the last of them. @pre events() > 0.
  events::ActionId last_action() const noexcept { return last_action_; }
  /// Memory that it holds.
  std::size_t bytes() const noexcept;

 private:
  friend class Engine;
  std::vector<State> members_;  // of a blend, in order
  std::size_t events_ = 0;
  events::ActionId last_action_ = {};
  std::vector<float> memory_;          // of all blocks, laid end to end
  std::vector<float> output_;          // what reaches the heads
  std::vector<events::Event> recent_;  // segment of re-encoded blocks, and
                                       // what event-remembering heads need
  std::vector<events::Cell> context_;  // of the recent ones, row by row
};

}  // namespace ensue::runtime
