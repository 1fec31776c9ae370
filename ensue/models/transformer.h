// SPDX-License-Identifier: Apache-2.0
// Vaswani et al. 2017, arXiv:1706.03762, decoder only and free to compose:
// layers, heads, sizes, norm, activation, positions. Departures: positions
// learnt instead of sines; norm before each part by default (Xiong et al. 2020,
// arXiv:2002.04745); the window of sasrec.h.
#pragma once

#include <string>

#include "ensue/models/attention.h"
#include "ensue/models/parts.h"

namespace ensue::models {

struct Transformer {
  struct Config : TransformerModelConfig {
    std::string positions = "learned";
    Config() {
      width = 128;
      layers = 6;
      heads = 8;
      hidden = 512;
    }
    void visit(auto&& field) {
      TransformerModelConfig::visit(field);
      field("norm", norm, "pre or post: before or after each part");
      field("positions", positions, "learned or none");
    }
  };
  static artifact::ModelSpec build(Config config) {
    require(config.positions == "learned" || config.positions == "none",
            "transformer", "positions", config.positions, "learned or none");
    config.learned_positions = config.positions == "learned";
    return transformer_model("transformer", config);
  }
};

}  // namespace ensue::models
