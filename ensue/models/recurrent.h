// SPDX-License-Identifier: Apache-2.0
// What rnn, lstm and gru have in common.
#pragma once

#include <string>
#include <vector>

#include "ensue/artifact/model_spec.h"
#include "ensue/models/parts.h"

namespace ensue::models {

struct RecurrentModelConfig {
  int width = 64;
  std::vector<int> hidden = {64};
  double dropout = 0.2;
  bool tied = true;
  int repeats = 0;
  bool events = false;
  EventInputs inputs;
  void visit(auto&& field) {
    field("width", width, "width of an item's vector");
    field("hidden", hidden, "units of each layer");
    field("dropout", dropout, "share dropped before every layer and the head");
    field("tied", tied, "score with the item vectors themselves");
    field("repeats", repeats, "events looked back for repeats; 0: none");
    field("events", events,
          "also predict the next event's action, time and value");
    inputs.visit(field);
  }
};

/// Item vectors, the layers of `cell` (rnn, lstm or gru) with dropout before
/// each, and the next_item head. A tied head of another width than the last
/// layer gets a linear layer between.
/// @param name  the model's, for its spec and for errors.
artifact::ModelSpec recurrent_model(const std::string& name,
                                    const std::string& cell,
                                    const RecurrentModelConfig& config);

}  // namespace ensue::models
