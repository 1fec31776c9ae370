// SPDX-License-Identifier: Apache-2.0
// Hochreiter & Schmidhuber 1997, with forget gates (Gers et al. 2000); torch's
// equations. hidden = [128, 64] with dropout 0.2 is the two-layer shape often
// published for shop logs: configs/*/lstm.toml.
#pragma once

#include "ensue/models/recurrent.h"

namespace ensue::models {

struct Lstm {
  using Config = RecurrentModelConfig;
  static artifact::ModelSpec build(const Config& config) {
    return recurrent_model("lstm", "lstm", config);
  }
};

}  // namespace ensue::models
