// SPDX-License-Identifier: Apache-2.0
// Elman 1990, Finding structure in time: tanh units over the item vectors,
// trained by full softmax.
#pragma once

#include "ensue/models/recurrent.h"

namespace ensue::models {

struct Rnn {
  using Config = RecurrentModelConfig;
  static artifact::ModelSpec build(const Config& config) {
    return recurrent_model("rnn", "rnn", config);
  }
};

}  // namespace ensue::models
