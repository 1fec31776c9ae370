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

std::vector<artifact::BlockSpec> event_heads(
    const artifact::NextItemConfig& items, bool events) {
  std::vector<artifact::BlockSpec> out = {block("next_item", items)};
  if (events) {
    out.push_back(
        block("next_event", artifact::NextEventConfig{.width = items.width,
                                                      .hidden = items.width}));
  }
  return out;
}

std::vector<artifact::BlockSpec> event_inputs(int width, bool scale,
                                              bool actions) {
  std::vector<artifact::BlockSpec> out;
  out.push_back(block("item_embedding", artifact::ItemEmbeddingConfig{
                                            .width = width, .scale = scale}));
  if (actions) {
    out.push_back(block("action_embedding",
                        artifact::ActionEmbeddingConfig{.width = width}));
  }
  return out;
}

}  // namespace ensue::models
