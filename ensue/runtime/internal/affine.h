// SPDX-License-Identifier: Apache-2.0
// Norms and products that layers are made of.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "ensue/kernels/packed_linear.h"
#include "ensue/kernels/rows.h"
#include "ensue/runtime/internal/block_source.h"

namespace ensue::runtime {

/// "<name>.weight" and "<name>.bias" of a layer norm.
struct Norm {
  std::span<const float> weight, bias;

  Norm() = default;
  Norm(const BlockSource& source, const std::string& name, std::int64_t width)
      : weight(source.floats(name + ".weight", {width})),
        bias(source.floats(name + ".bias", {width})) {}
  /// @param out  [rows, width]; may be `x`.
  void apply(std::span<const float> x, std::size_t rows,
             std::span<float> out) const noexcept {
    const std::size_t width = weight.size();
    for (std::size_t r = 0; r < rows; ++r) {
      kernels::layer_norm_row(x.subspan(r * width, width), weight, bias,
                              out.subspan(r * width, width));
    }
  }
};

/// "<name>.weight" [outputs, inputs] and "<name>.bias" [outputs].
inline kernels::PackedLinear dense(const BlockSource& source,
                                   const std::string& name,
                                   std::int64_t outputs, std::int64_t inputs) {
  return {source.floats(name + ".weight", {outputs, inputs}),
          source.floats(name + ".bias", {outputs}),
          static_cast<std::size_t>(outputs), static_cast<std::size_t>(inputs)};
}

}  // namespace ensue::runtime
