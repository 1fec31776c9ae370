// SPDX-License-Identifier: Apache-2.0
// Hidasi et al. 2016, arXiv:1511.06939 (GRU4Rec). Departures: whole sequences
// instead of session-parallel batches, full softmax instead of sampled ranking
// losses, item vectors tied to the output.
#pragma once

#include "ensue/models/recurrent.h"

namespace ensue::models {

struct Gru {
  using Config = RecurrentModelConfig;
  static artifact::ModelSpec build(const Config& config) {
    return recurrent_model("gru", config);
  }
};

}  // namespace ensue::models
