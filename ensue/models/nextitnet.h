// SPDX-License-Identifier: Apache-2.0
// NextItNet, Yuan et al. 2019, arXiv:1808.05163: dilated causal convolutions in
// residual blocks, each of dilation d and then 2 d. Departures: item vectors
// tied to the output and dropout, both to be switched off; no relu before the
// output.
#pragma once

#include <vector>

#include "ensue/artifact/model_spec.h"
#include "ensue/models/parts.h"

namespace ensue::models {

struct NextItNet {
  struct Config {
    int width = 64, kernel = 3;
    std::vector<int> dilations = {1, 4};
    double dropout = 0.2;
    bool tied = true;
    int repeats = 0;
    bool events = false;
    EventInputs inputs;
    void visit(auto&& field) {
      field("width", width, "model width");
      field("kernel", kernel, "events that a convolution reads");
      field("dilations", dilations, "events between them, of each block");
      field("dropout", dropout, "share dropped, everywhere");
      field("tied", tied, "score with the item vectors themselves");
      field("repeats", repeats, "events looked back for repeats; 0: none");
      field("events", events,
            "also predict the next event's action, time and value");
      inputs.visit(field);
    }
  };
  static artifact::ModelSpec build(const Config& config);
};

}  // namespace ensue::models
