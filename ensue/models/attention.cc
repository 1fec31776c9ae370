// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/attention.h"

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"

namespace ensue::models {
namespace {

void check(const std::string& name, const AttentionModelConfig& c) {
  const auto positive = [&name](const char* field, int value) {
    require(value > 0, name, field, std::to_string(value), "at least 1");
  };
  positive("width", c.width);
  positive("layers", c.layers);
  positive("heads", c.heads);
  positive("hidden", c.hidden);
  require(c.window > 1, name, "window", std::to_string(c.window), "at least 2");
  require(c.width % c.heads == 0, name, "heads", std::to_string(c.heads),
          "a divisor of width=" + std::to_string(c.width));
  require(c.repeats >= 0, name, "repeats", std::to_string(c.repeats),
          "0 or more");
  require_rate(name, c.dropout);
}

}  // namespace

artifact::ModelSpec attention_model(const std::string& name,
                                    const AttentionModelConfig& c,
                                    const artifact::BlockSpec& layer) {
  check(name, c);
  artifact::ModelSpec out;
  out.name = name;
  out.inputs = event_inputs(name, c.inputs, {.width = c.width, .scale = true});
  if (c.learned_positions) {
    out.inputs.push_back(
        block("position_embedding", artifact::PositionEmbeddingConfig{
                                        .width = c.width, .window = c.window}));
  }
  out.blocks.push_back(
      block("dropout", artifact::DropoutConfig{.rate = c.dropout}));
  for (int i = 0; i < c.layers; ++i) out.blocks.push_back(layer);
  out.blocks.push_back(
      block("layer_norm", artifact::LayerNormConfig{.width = c.width}));
  out.heads = event_heads(
      item_head(name, c.inputs, {.width = c.width, .repeats = c.repeats}),
      c.events);
  return out;
}

artifact::ModelSpec transformer_model(const std::string& name,
                                      const TransformerModelConfig& c,
                                      const std::string& type) {
  require(c.activation == "relu" || c.activation == "gelu", name, "activation",
          c.activation, "relu or gelu");
  require(c.norm == "pre" || c.norm == "post", name, "norm", c.norm,
          "pre or post");
  return attention_model(
      name, c,
      block(type, artifact::TransformerConfig{.width = c.width,
                                              .heads = c.heads,
                                              .hidden = c.hidden,
                                              .window = c.window,
                                              .activation = c.activation,
                                              .norm = c.norm,
                                              .dropout = c.dropout}));
}

}  // namespace ensue::models
