// SPDX-License-Identifier: Apache-2.0
// Matrix products whose bits do not depend on how many rows go in at once.
#pragma once

#include <cstddef>
#include <span>

#include "ensue/kernels/huge_memory.h"

namespace ensue::kernels {

/// y = x W^T + bias with the weights laid out once for fast products.
///
/// Every output is one chain of fused multiply-adds over the inputs in order,
/// starting from the bias: one row gives the same bits as a thousand, on any
/// number of threads. (Two CPU levels may differ in the last bit: not every
/// one has fused multiply-adds.) The copy costs outputs rounded up to 64 times
/// inputs floats, in huge pages when it is large. Immutable, thread-safe.
class PackedLinear {
 public:
  PackedLinear() = default;
  /// @param weight  [outputs, inputs], row-major.
  /// @param bias    [outputs], or empty for none.
  /// @throws Error(kInvalidArgument) when sizes disagree, Error(kUnavailable)
  ///   without memory.
  PackedLinear(std::span<const float> weight, std::span<const float> bias,
               std::size_t outputs, std::size_t inputs);

  std::size_t inputs() const noexcept { return inputs_; }
  std::size_t outputs() const noexcept { return outputs_; }

  /// @param x  [rows, inputs].  @param y  [rows, outputs], not overlapping x.
  void apply(std::span<const float> x, std::size_t rows,
             std::span<float> y) const noexcept;

 private:
  std::size_t inputs_ = 0, outputs_ = 0;
  HugeMemory<float> bias_;    // [panels, 64]
  HugeMemory<float> panels_;  // [panels, inputs, 64]
};

}  // namespace ensue::kernels
