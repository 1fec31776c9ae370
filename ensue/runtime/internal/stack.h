// SPDX-License-Identifier: Apache-2.0
// The inputs and layers of a model, run over events of one user.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "ensue/runtime/internal/layer.h"

namespace ensue::artifact {
class Artifact;
}

namespace ensue::runtime {

/// From events to what reaches the heads. Immutable, thread-safe.
class Stack {
 public:
  /// @throws Error(kCorrupt) when a block does not fit its tensors or its
  ///   neighbours.
  explicit Stack(const artifact::Artifact& artifact);

  /// Width of the last layer; 0 without inputs.
  std::size_t width() const noexcept { return width_; }
  /// Floats remembered of one user, all 0 at the segment's start.
  std::size_t memory() const noexcept { return memory_; }
  /// Events of a history that fit into one segment; 0: any number.
  std::size_t window() const noexcept { return window_; }
  /// It is asked by a mask behind the history: answer() instead of run().
  bool masked() const noexcept { return masked_; }
  /// Whether run() wants the event before its first one.
  bool looks_back() const noexcept { return looks_back_; }
  /// Latest events that the output and the memory depend on; 0: all of the
  /// segment.
  std::size_t reach() const noexcept { return reach_; }

  /// Further events of a segment, the first one at `place` of it (its `before`
  /// counts only if looks_back()); leaves in `out` [width] what the last gives.
  /// Bits do not depend on how events are dealt to calls.
  void run(Run events, Place place, std::span<float> memory,
           std::span<float> out) const noexcept;

  /// What the mask behind `events`, at most window() of them, gives.
  /// @param memory  of any content.
  void answer(Run events, std::span<float> memory,
              std::span<float> out) const noexcept;

 private:
  void check_mask();
  void run_piece(const Steps& steps, std::span<float> memory,
                 std::span<float> out) const noexcept;

  std::vector<std::unique_ptr<const Input>> inputs_;
  std::vector<std::unique_ptr<const Layer>> layers_;
  std::size_t width_ = 0, widest_ = 0, memory_ = 0, window_ = 0, reach_ = 1;
  bool looks_back_ = false;
  std::size_t last_memory_ = 0;  // the last layer that sees several events
  bool masked_ = false;
};

}  // namespace ensue::runtime
