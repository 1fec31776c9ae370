// SPDX-License-Identifier: Apache-2.0
// Which action will this customer do next, on which item, and when?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ensue/runtime/engine.h"
#include "ensue/runtime/next_event.h"

namespace ensue::tasks {

/// The distribution of the next event, as the next_event head has it.
struct NextAction {
  struct Item {
    std::uint32_t id = 0;  // of the artifact
    double probability = 0;
  };
  struct Action {
    std::uint32_t id = 0;
    double probability = 0;
    /// If it is this action: quantiles .1, .5, .9 of the time from the last
    /// event, in days; and the likeliest items at the middle one.
    std::array<double, 3> days = {};
    std::vector<Item> items;  // best first; of the first actions alone
  };
  std::vector<Action> actions;      // all, likeliest first, ties by id
  std::array<double, 3> days = {};  // whatever the action
};

struct NextActionOptions {
  std::size_t items = 10;   // of an action
  std::size_t actions = 3;  // that items are shown of: each costs all scores
};

/// Answers from one engine, which must outlive it. Immutable, thread-safe.
class NextActions {
 public:
  /// @param blended  as NextEvent::of().
  /// @throws Error(kInvalidArgument) when the model predicts items alone.
  explicit NextActions(const runtime::Engine& engine, bool blended = true);

  /// After the events of a state. About a score of all items an action.
  NextAction answer(const runtime::State& state,
                    const NextActionOptions& options = {}) const;

 private:
  const runtime::Engine& engine_;
  std::unique_ptr<const runtime::NextEvent> next_;
};

/// Quantile of a time whose buckets (artifact::bucket_seconds) have these
/// probabilities, each spread evenly over its seconds; in days.
double gap_quantile(std::span<const float> buckets, double share);

}  // namespace ensue::tasks
