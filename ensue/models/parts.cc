// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/parts.h"

namespace ensue::models {

void require(bool good, const std::string& model, const std::string& field,
             const std::string& value, const std::string& expected) {
  if (!good) {
    invalid(model + "." + field + ": " + value + ", expected " + expected);
  }
}

void require_rate(const std::string& model, double rate) {
  require(rate >= 0 && rate < 1, model, "dropout", to_text(Json(rate)),
          "a share in [0, 1)");
}

std::vector<artifact::BlockSpec> event_heads(const artifact::BlockSpec& items,
                                             bool events) {
  std::vector<artifact::BlockSpec> out = {items};
  if (!events) return out;
  artifact::NextItemConfig config;
  read_fields(config, items.config, items.type);
  out.push_back(
      block("next_event", artifact::NextEventConfig{.width = config.width,
                                                    .hidden = config.width}));
  return out;
}

std::vector<artifact::BlockSpec> event_inputs(const std::string& name,
                                              const EventInputs& inputs,
                                              const VectorShape& shape) {
  require(inputs.id_dropout >= 0 && inputs.id_dropout < 1, name, "id_dropout",
          to_text(Json(inputs.id_dropout)), "a share in [0, 1)");
  std::vector<artifact::BlockSpec> out;
  if (inputs.content.empty()) {
    out.push_back(block("item_embedding", artifact::ItemEmbeddingConfig{
                                              .width = shape.width,
                                              .scale = shape.scale,
                                              .unit = inputs.unit_items}));
  } else {
    artifact::ItemContentConfig config;
    config.width = shape.width;
    config.scale = shape.scale;
    config.columns = inputs.content;
    config.id_dropout = inputs.id_dropout;
    out.push_back(block("item_content", config));
  }
  if (inputs.actions) {
    out.push_back(block("action_embedding",
                        artifact::ActionEmbeddingConfig{.width = shape.width}));
  }
  if (inputs.gaps) {
    out.push_back(block("gap_embedding",
                        artifact::GapEmbeddingConfig{.width = shape.width}));
  }
  if (inputs.calendar) {
    out.push_back(block("calendar_embedding", artifact::CalendarEmbeddingConfig{
                                                  .width = shape.width}));
  }
  if (inputs.values) {
    out.push_back(block("value_embedding",
                        artifact::ValueEmbeddingConfig{.width = shape.width}));
  }
  if (!inputs.context.empty()) {
    out.push_back(block("context_embedding", artifact::ContextEmbeddingConfig{
                                                 shape.width, inputs.context}));
  }
  return out;
}

void add_norm(const EventInputs& inputs, int width,
              std::vector<artifact::BlockSpec>& blocks) {
  if (!inputs.unit_items) return;
  blocks.push_back(
      block("layer_norm", artifact::LayerNormConfig{.width = width}));
}

artifact::BlockSpec item_head(const std::string& name,
                              const EventInputs& inputs,
                              artifact::NextItemConfig config) {
  if (!inputs.content.empty()) {
    require(config.tied, name, "tied", "false", "true beside content");
    config.bias = false;
    config.similar = inputs.similar && config.repeats > 0;
  }
  if (inputs.unit_items) {
    require(inputs.content.empty(), name, "unit_items", "true",
            "false beside content");
    require(config.tied, name, "tied", "false", "true beside unit_items");
    config.bias = false;
  }
  return block("next_item", config);
}

}  // namespace ensue::models
