// SPDX-License-Identifier: Apache-2.0
// The attention part of layers: projections around the remembered segment.
#pragma once

#include <cstddef>
#include <span>

#include "ensue/kernels/attention_row.h"
#include "ensue/kernels/packed_linear.h"
#include "ensue/runtime/internal/block_source.h"
#include "ensue/runtime/internal/layer.h"

namespace ensue::runtime {

/// attention.in and attention.out of a block; remembers the keys and values of
/// the segment's events. Causal, or with all of the segment in one call every
/// event sees every other one. Immutable, thread-safe.
class SelfAttention {
 public:
  SelfAttention() = default;
  /// @param config  anything with width, heads and window.
  template <class Config>
  SelfAttention(const BlockSource& source, const Config& config,
                bool causal = true)
      : SelfAttention(source, config.width, config.heads, config.window) {
    causal_ = causal;
  }

  std::size_t width() const noexcept { return shape_.width; }
  std::size_t window() const noexcept { return shape_.window; }
  std::size_t memory() const noexcept {
    return shape_.keys() + shape_.values();
  }
  std::size_t scratch(std::size_t rows) const noexcept {
    return rows * 3 * shape_.width + shape_.stride();
  }

  /// Further events of the segment, as Layer::run.
  /// @param x    [steps, width]; overwritten.
  /// @param out  [steps, width], not x.
  void run(std::span<float> x, const Steps& steps, std::span<float> memory,
           std::span<float> scratch, std::span<float> out) const noexcept;

 private:
  SelfAttention(const BlockSource& source, int width, int heads, int window);

  kernels::AttentionShape shape_;
  bool causal_ = true;
  // attention.in in two: nobody asks with the queries of idle events.
  kernels::PackedLinear queries_, keys_values_, out_;
};

}  // namespace ensue::runtime
