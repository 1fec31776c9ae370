// SPDX-License-Identifier: Apache-2.0
// Batches as the peers that pad make them.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <random>

#include "bench/peers/peers.h"

namespace ensue::peers {

struct PaddedBatch {
  // [batch, length] of items from 1; 0: padding, to the left.
  torch::Tensor log, next, negative;
  std::int64_t tokens = 0;  // that predict
};

/// Random users' newest `length` + 1 items, and a uniform negative each.
PaddedBatch make_padded(const Sequences& users, std::int64_t batch,
                        std::int64_t length, std::int64_t items,
                        std::mt19937_64& rng);

}  // namespace ensue::peers
