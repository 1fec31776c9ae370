// SPDX-License-Identifier: Apache-2.0
// Rules that look at one user's rows, sorted by (time, seq). Each marks the
// rows it takes in Row::removed; marked rows are left alone.
#pragma once

#include <span>

#include "ensue/data/clean.h"
#include "ensue/data/internal/row_store.h"

namespace ensue::data {

inline void mark(Row& row, Rule rule) noexcept {
  row.removed = static_cast<std::uint64_t>(rule) + 1;
}

/// All but the first of rows that agree in everything but their place.
void mark_duplicates(std::span<Row> rows);

/// Pairs each row of `cancel` with the latest earlier row of `cancelled` of
/// the same item: one of equal amount goes with it, otherwise a larger one
/// stays and the cancellation goes alone (it took a part back). Amounts are
/// the absolute values; unpaired cancellations go too.
void mark_cancellations(std::span<Row> rows, std::uint32_t cancel,
                        std::uint32_t cancelled);

/// Everything, when more than `limit` distinct instants lie within one hour.
void mark_bot(std::span<Row> rows, int limit);

/// Values outside [low, high].
void mark_outliers(std::span<Row> rows, float low, float high);

}  // namespace ensue::data
