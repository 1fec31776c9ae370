// SPDX-License-Identifier: Apache-2.0
// Counts of what follows what.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/classic/internal/sequences.h"

namespace ensue::classic {

/// P(j | i) = (n_ij + b pop_j) / (n_i + b), stored as its two parts, so that a
/// row holds only what was seen:
///   probability[i, j] = n_ij / (n_i + b)     backoff[i] = b / (n_i + b)
/// n_ij: every time i stood in an instant that the same user followed by
/// another one, j gets 1 / |next instant| if it stands there; n_i = sum_j n_ij
/// is then the number of those times.
struct Transitions {
  std::vector<float> backoff;          // [items]
  std::vector<std::uint64_t> offsets;  // [items + 1], rows of the next two
  std::vector<std::uint32_t> next;     // rising within a row
  std::vector<float> probability;
};

/// @throws Error(kInvalidArgument) unless config.backoff > 0.
Transitions count_transitions(const Instants& instants,
                              const artifact::MarkovConfig& config);

}  // namespace ensue::classic
