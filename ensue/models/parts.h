// SPDX-License-Identifier: Apache-2.0
// Pieces that several models share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/model_spec.h"
#include "ensue/base/fields.h"

namespace ensue::models {

/// A block of the catalogue with its configuration.
template <class Config>
artifact::BlockSpec block(std::string type, Config config) {
  return {std::move(type), write_fields(config)};
}

/// @throws Error(kInvalidArgument) "<model>.<name>: <value>, expected …".
void require(bool good, const std::string& model, const std::string& field,
             const std::string& value, const std::string& expected);

/// The dropout rate is in [0, 1).
void require_rate(const std::string& model, double rate);

/// What a model reads of an event; a model's configuration extends it.
/// unit_items: scores do not grow with popularity, after NISER (Gupta et al.
/// 2019, arXiv:1909.04276); a learnt norm stands for the paper's fixed scale.
struct EventInputs {
  bool actions = false, gaps = false, calendar = false, values = false;
  std::vector<std::string> context;
  std::vector<std::string> content;
  double id_dropout = 0.25;
  bool similar = true;
  bool unit_items = false;
  void visit(auto&& field) {
    field("actions", actions, "add a vector for the event's action");
    field("gaps", gaps, "add a vector for the time since the event before");
    field("calendar", calendar,
          "add vectors for the hour of the day and the weekday (UTC)");
    field("values", values, "add a vector for the event's value");
    field("context", context,
          "named columns of an event to add vectors for: NAME or NAME:KIND");
    field("content", content,
          "columns of the item table that item vectors are made of");
    field("id_dropout", id_dropout,
          "content: share of items without an id in a step");
    field("unit_items", unit_items,
          "item vectors of length 1, no bias: scores are angles");
    field("similar", similar,
          "content with repeats: score items like those looked back at");
  }
};

struct VectorShape {
  int width = 64;
  bool scale = false;  // by the square root of the width
};

/// Vectors that are summed, those of the item first.
/// @param name  the model's, for errors.
std::vector<artifact::BlockSpec> event_inputs(const std::string& name,
                                              const EventInputs& inputs,
                                              const VectorShape& shape);

/// Adds the layer_norm that item vectors of length 1 want before their head;
/// for models that have none there.
void add_norm(const EventInputs& inputs, int width,
              std::vector<artifact::BlockSpec>& blocks);

/// The next_item head behind `inputs`. Items without an id have no bias, so a
/// model with content has none.
/// @throws Error(kInvalidArgument) for content that scores would not use.
artifact::BlockSpec item_head(const std::string& name,
                              const EventInputs& inputs,
                              artifact::NextItemConfig config);
/// The head `items`, and with `events` next_event after it.
std::vector<artifact::BlockSpec> event_heads(const artifact::BlockSpec& items,
                                             bool events);

}  // namespace ensue::models
