// SPDX-License-Identifier: Apache-2.0
// Batches as the peers that pad make them.
#pragma once

#include <torch/torch.h>

#include <chrono>
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

/// Times `steps` steps over such batches, after one that brings memory to life.
/// Making a batch is not counted. @param loss_of  (model, batch) -> scalar.
template <class Model, class Optimizer, class Recipe, class LossOf>
PeerSpeed time_steps(Model& model, Optimizer& optimizer, const Sequences& users,
                     const Recipe& recipe, std::int64_t steps,
                     const LossOf& loss_of) {
  std::mt19937_64 rng(1);
  PeerSpeed out;
  for (std::int64_t step = -1; step < steps; ++step) {
    const PaddedBatch batch =
        make_padded(users, recipe.batch, recipe.length, recipe.items, rng);
    const auto start = std::chrono::steady_clock::now();
    optimizer.zero_grad();
    loss_of(model, batch).backward();
    optimizer.step();
    if (step < 0) continue;
    out.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    out.tokens += batch.tokens;
    ++out.steps;
  }
  return out;
}

}  // namespace ensue::peers
