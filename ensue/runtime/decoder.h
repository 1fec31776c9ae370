// SPDX-License-Identifier: Apache-2.0
// The head decoder: writes the coming items one after the other.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "ensue/runtime/engine.h"

namespace ensue::runtime {

/// Answers from the decoder of an engine's artifact, which must outlive it.
/// Immutable, thread-safe: what it remembers is the caller's.
class Decoder {
 public:
  /// Null when the model has no such head.
  /// @throws Error(kCorrupt) when a tensor's shape does not fit.
  static std::unique_ptr<const Decoder> of(const Engine& engine);
  ~Decoder();

  /// What Engine::score_as() scores the first item with: [engine.width()].
  std::vector<float> start(const State& state) const;
  /// The same for the item behind `item`, in place.
  void write(std::size_t item, std::vector<float>& h) const;

 private:
  struct Impl;
  explicit Decoder(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::runtime
