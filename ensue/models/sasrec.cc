// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/sasrec.h"

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"

namespace ensue::models {
namespace {

void check(const SasRec::Config& c) {
  const auto positive = [](const char* name, int value) {
    require(value > 0, "sasrec", name, std::to_string(value), "at least 1");
  };
  positive("width", c.width);
  positive("layers", c.layers);
  positive("heads", c.heads);
  positive("hidden", c.hidden);
  require(c.window > 1, "sasrec", "window", std::to_string(c.window),
          "at least 2");
  require(c.width % c.heads == 0, "sasrec", "heads", std::to_string(c.heads),
          "a divisor of width=" + std::to_string(c.width));
  require(c.repeats >= 0, "sasrec", "repeats", std::to_string(c.repeats),
          "0 or more");
  require(c.activation == "relu" || c.activation == "gelu", "sasrec",
          "activation", c.activation, "relu or gelu");
  require_rate("sasrec", c.dropout);
}

}  // namespace

artifact::ModelSpec SasRec::build(const Config& c) {
  check(c);
  artifact::ModelSpec out;
  out.name = "sasrec";
  out.inputs = event_inputs(c.width, /*scale=*/true, c.actions);
  out.inputs.push_back(block(
      "position_embedding",
      artifact::PositionEmbeddingConfig{.width = c.width, .window = c.window}));
  out.blocks.push_back(
      block("dropout", artifact::DropoutConfig{.rate = c.dropout}));
  for (int layer = 0; layer < c.layers; ++layer) {
    out.blocks.push_back(block(
        "transformer", artifact::TransformerConfig{.width = c.width,
                                                   .heads = c.heads,
                                                   .hidden = c.hidden,
                                                   .window = c.window,
                                                   .activation = c.activation,
                                                   .dropout = c.dropout}));
  }
  out.blocks.push_back(
      block("layer_norm", artifact::LayerNormConfig{.width = c.width}));
  out.heads.push_back(
      block("next_item",
            artifact::NextItemConfig{.width = c.width, .repeats = c.repeats}));
  return out;
}

}  // namespace ensue::models
