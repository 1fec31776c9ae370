// SPDX-License-Identifier: Apache-2.0
// The training events as one flat list of the model's item ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/classic/fit.h"
#include "ensue/events/log.h"

namespace ensue::classic {

/// Users' training events laid end to end, oldest first within a user. Every
/// item is below `catalogue`.
struct Sequences {
  std::size_t catalogue = 0;
  std::vector<std::uint64_t> offsets = {0};  // [users + 1]
  std::vector<std::uint32_t> items;          // [events]
  std::vector<events::Millis> times;         // [events], rising within a user

  std::size_t users() const noexcept { return offsets.size() - 1; }
};

/// @throws Error(kInvalidArgument) on ranges that do not fit the log and when
///   no event with a known item is left.
Sequences read_sequences(const events::Log& log,
                         std::span<const TrainRange> train,
                         const events::Vocabulary& known);

/// What a user did at once, as sets of items in rising order: an instant of a
/// basket log, one event where the order within an instant is real.
struct Instants {
  std::size_t catalogue = 0;
  std::vector<std::uint64_t> offsets = {0};  // [instants + 1]
  std::vector<std::uint32_t> items;          // distinct within an instant
  std::vector<std::uint8_t> followed;  // [instants]: the same user has a next

  std::size_t size() const noexcept { return followed.size(); }
  std::span<const std::uint32_t> operator[](std::size_t i) const noexcept {
    return std::span(items).subspan(offsets[i], offsets[i + 1] - offsets[i]);
  }
};
Instants group_instants(const Sequences& sequences, bool baskets);

}  // namespace ensue::classic
