// SPDX-License-Identifier: Apache-2.0
// The loop of CodeTable::next.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ensue/kernels/code_table.h"

namespace ensue::kernels {

/// One scan over blocks; names as in code_table.h.
struct CodeScan {
  const std::int32_t *high, *low;
  const CodeBlock* blocks;
  const float* bias;          // with its roundings; null: none
  const std::int32_t* codes;  // [2 pairs]
  std::size_t pairs, from, end;
  double step, sum, sizes, length, rest, whole;
  double threshold;  // less x . m and the slack
};

CodeHit next_hit(const CodeScan& scan) noexcept;

}  // namespace ensue::kernels
