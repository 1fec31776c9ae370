// SPDX-License-Identifier: Apache-2.0
// Fits the models that need no gradient: popularity, Markov, session kNN.
#pragma once

#include <cstdint>
#include <span>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"

namespace ensue::classic {

/// Places [begin, end) in one user's history.
struct TrainRange {
  std::uint32_t begin = 0, end = 0;
};

/// Fits the only head of `model` and adds its tensors "heads.0.<parameter>"
/// (which ones: runtime/popularity.h, markov.h, session_knn.h) to `draft`.
///
/// Reads the events of `log` inside `train` (one range per user) whose item
/// stands, by name, in the draft's item vocabulary; all others do not exist.
/// Deterministic; the result does not depend on threads.
///
/// @throws Error(kInvalidArgument) when the model is not one classical head,
///   an option is out of range, `train` does not fit the log, or no event is
///   left to learn from.
void fit(const events::Log& log, std::span<const TrainRange> train,
         const artifact::ModelSpec& model, artifact::Draft& draft);

}  // namespace ensue::classic
