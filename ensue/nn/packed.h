// SPDX-License-Identifier: Apache-2.0
// Sequences laid end to end, without padding, and what they are to predict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ensue/events/context.h"
#include "ensue/events/ids.h"
#include "ensue/nn/repeat.h"

namespace ensue::nn {

/// The item and action of an event that is not shown.
inline constexpr std::int64_t kMasked = -1;

/// The events of several sequences; sequence s is [offsets[s], offsets[s+1]).
/// Ids are those of the artifact's vocabularies, or kMasked.
struct Packed {
  std::vector<std::int64_t> items, actions;
  std::vector<std::int64_t> positions;      // from the start of the segment
  std::vector<events::Millis> times;        // never falling in a sequence
  std::vector<float> values;                // NaN: none
  std::vector<events::Cell> context;        // [events, columns]; or empty: none
  std::vector<std::int64_t> offsets = {0};  // [sequences + 1]

  std::size_t size() const noexcept { return items.size(); }
  std::size_t sequences() const noexcept { return offsets.size() - 1; }
  std::size_t length(std::size_t s) const noexcept {
    return static_cast<std::size_t>(offsets[s + 1] - offsets[s]);
  }
};

/// Event rows[r] of a batch is to predict items[begin[r] .. begin[r + 1]),
/// each with its weight. An instant with many items costs one row.
struct Targets {
  std::vector<std::int64_t> rows;         // distinct, rising
  std::vector<std::int64_t> begin = {0};  // [rows + 1]
  std::vector<std::int64_t> items;
  std::vector<float> weights;
  RowRepeats repeats;  // filled only for a head that looks back

  std::size_t size() const noexcept { return rows.size(); }
};

}  // namespace ensue::nn
