// SPDX-License-Identifier: Apache-2.0
// Customers that never were: histories drawn from a trained model.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/runtime/engine.h"

namespace ensue::tasks {

struct SyntheticOptions {
  int users = 1000;
  double temperature = 1;  // above 1: more varied than the model believes
  std::uint64_t seed = 1;
  /// @throws Error(kInvalidArgument) "--temperature: 0, expected …".
  void check() const;
};

/// Draws histories item by item from softmax(logits / temperature) of the
/// engine, stepped with what was drawn before, so repeats come as the model
/// believes in them.
///
/// What a model does not say is drawn from `real`, each piece from another real
/// history, so that none is taken over whole: the first item, the time of the
/// first event, the number of events, every gap between events, and the action
/// among those that were done to the item, with the context it had. Gaps are
/// independent of one another, so sessions are not kept, and a history may
/// reach beyond the log's end.
///
/// @param real  what the model was trained on, in the engine's ids; histories
///   without an event are passed over.
/// @return users in order; user u is a function of (seed, u) alone.
/// @throws Error(kInvalidArgument) when no real history has an event.
std::vector<runtime::Translation::Events> sample_customers(
    const runtime::Engine& engine,
    std::span<const runtime::Translation::Events> real,
    const SyntheticOptions& options, const ProgressFn& progress = {});

}  // namespace ensue::tasks
