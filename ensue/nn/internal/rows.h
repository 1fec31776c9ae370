// SPDX-License-Identifier: Apache-2.0
// Sums of many rows into a table's gradient.
#pragma once

#include <cstdint>
#include <span>

#include "ensue/nn/parameter.h"

namespace ensue::nn {

/// grad[row] += scale * from[0 .. width).
struct RowTerm {
  std::int64_t row = 0;
  const float* from = nullptr;
  float scale = 1;
};

/// Adds all terms and marks their rows. Every row's sum runs over the terms in
/// order, whichever thread owns the row: the number of threads changes nothing.
void add_rows(Parameter& table, std::span<const RowTerm> terms);

}  // namespace ensue::nn
