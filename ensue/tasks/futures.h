// SPDX-License-Identifier: Apache-2.0
// What will this customer do next, and after that? Whole futures, drawn from
// the model event by event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "ensue/events/history.h"
#include "ensue/runtime/engine.h"

namespace ensue::tasks {

struct FuturesOptions {
  int steps = 5, samples = 200;
  double temperature = 1;  // of items; below 1: likely ones more often
  std::uint64_t seed = 1;
};

/// Events that may follow a history, as ids of the artifact.
struct Futures {
  /// False: the model has no next_event head, so that items alone are drawn;
  /// actions and times are those of the last event, values missing.
  bool whole = false;
  std::size_t steps = 0;
  std::vector<events::Event> events;  // [samples, steps]

  std::size_t samples() const noexcept {
    return steps == 0 ? 0 : events.size() / steps;
  }
  const events::Event& at(std::size_t sample, std::size_t step) const {
    return events[sample * steps + step];
  }
};

/// Draws futures one event after the other: its action, the whole seconds until
/// then, its item; its value is the expected one, its context that of the
/// history's last event. A model with a decoder writes
/// all items from the history's state, others read each item before the next.
/// Where the order within an instant is not real, a step is an instant and the
/// item one of its basket. A function of history, options and artifact,
/// whatever the threads. An empty history begins at time 0.
/// @throws Error(kInvalidArgument) for sizes below 1 or a temperature that is
///   not above 0.
Futures roll_out(const runtime::Engine& engine, const events::History& history,
                 const FuturesOptions& options);

/// How often the futures agree.
struct Outlook {
  struct Share {
    std::uint32_t id = 0;  // of the artifact
    double share = 0;      // of the futures
  };
  struct Step {
    std::vector<Share> actions, items;  // most often first, ties by id
    double days[3] = {0, 0, 0};  // from the last event: quantiles .1, .5, .9
    double value = std::numeric_limits<double>::quiet_NaN();  // mean
  };
  std::vector<Step> steps;
  std::vector<Share> items;  // futures that hold the item in any step
};

/// @param from  time of the history's last event.
Outlook summarise(const Futures& futures, events::Millis from);

}  // namespace ensue::tasks
