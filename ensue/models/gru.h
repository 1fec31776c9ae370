// SPDX-License-Identifier: Apache-2.0
// Cho et al. 2014, arXiv:1406.1078: gated recurrent units over the item
// vectors, trained by full softmax. gru4rec.h is the published recommender made
// of them.
#pragma once

#include "ensue/models/recurrent.h"

namespace ensue::models {

struct Gru {
  using Config = RecurrentModelConfig;
  static artifact::ModelSpec build(const Config& config) {
    return recurrent_model("gru", "gru", config);
  }
};

}  // namespace ensue::models
