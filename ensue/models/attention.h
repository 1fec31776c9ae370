// SPDX-License-Identifier: Apache-2.0
// What models of stacked attention layers have in common.
#pragma once

#include <string>

#include "ensue/artifact/model_spec.h"
#include "ensue/models/parts.h"

namespace ensue::models {

/// The sizes that every such model has. A model's configuration extends it.
struct AttentionModelConfig {
  int width = 64, layers = 2, heads = 2, hidden = 256, window = 200;
  double dropout = 0.2;
  int repeats = 0;
  bool events = false;
  EventInputs inputs;
  bool learned_positions = true;  // no field: a model's own choice
  void visit(auto&& field) {
    field("width", width, "model width, a multiple of heads");
    field("layers", layers, "attention layers");
    field("heads", heads, "attention heads per layer");
    field("hidden", hidden, "units of the feed-forward part");
    field("window", window, "events seen at once, at most");
    field("dropout", dropout, "share dropped, everywhere");
    field("repeats", repeats, "events looked back for repeats; 0: none");
    field("events", events,
          "also predict the next event's action, time and value");
    inputs.visit(field);
  }
};

/// The same with what else the transformer block leaves open.
struct TransformerModelConfig : AttentionModelConfig {
  std::string activation = "gelu";
  std::string norm = "pre";  // no field: a model's own choice
  void visit(auto&& field) {
    AttentionModelConfig::visit(field);
    field("activation", activation, "relu or gelu");
  }
};

/// Item vectors (scaled) with positions added, dropout, `layers` times `layer`,
/// a norm, and the tied next_item head.
/// @param name  the model's, for its spec and for errors.
artifact::ModelSpec attention_model(const std::string& name,
                                    const AttentionModelConfig& config,
                                    const artifact::BlockSpec& layer);

/// attention_model() of transformer blocks.
/// @param type  transformer or bidirectional_transformer.
artifact::ModelSpec transformer_model(const std::string& name,
                                      const TransformerModelConfig& config,
                                      const std::string& type = "transformer");

}  // namespace ensue::models
