// SPDX-License-Identifier: Apache-2.0
// The head next_event: the distribution of the next event, part after part.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "ensue/runtime/engine.h"

namespace ensue::runtime {

/// asinh(value) of the next event is normal with these.
struct ValueGuess {
  float mean = 0, log_deviation = 0;
  /// E[value], of the original scale.
  double expected() const noexcept;
};

/// Answers from the next_event head of an engine's artifact, which must
/// outlive it. Immutable, thread-safe.
class NextEvent {
 public:
  /// Null when the model has no such head. @param blended  false: the head
  /// alone, whatever was counted.
  /// @throws Error(kCorrupt) when a tensor's shape does not fit.
  static std::unique_ptr<const NextEvent> of(const Engine& engine,
                                             bool blended = true);
  ~NextEvent();

  std::size_t actions() const noexcept;

  /// P(action of the next event): out [actions()]. With counts in the artifact
  /// (artifact/action_counts.h) a blend of the head and of them.
  void actions(const State& state, std::span<float> out) const;
  /// P(bucket of the time until then | action): out [artifact::kGapBuckets],
  /// blended likewise.
  void gaps(const State& state, std::size_t action, std::span<float> out) const;
  /// Logits of items given action and bucket: out [engine.items()].
  void items(const State& state, std::size_t action, std::size_t gap,
             std::span<float> out) const;
  /// The next event's value given its action and item.
  ValueGuess value(const State& state, std::size_t action,
                   std::size_t item) const;

 private:
  struct Impl;
  explicit NextEvent(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::runtime
