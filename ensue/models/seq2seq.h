// SPDX-License-Identifier: Apache-2.0
// Sutskever et al. 2014, arXiv:1409.3215: one recurrent network reads the
// history, a second one writes the items to come. Departures: gated recurrent
// units (Cho et al. 2014) instead of LSTM; the history is not reversed; every
// `steps`-th event writes, not the end of a sequence alone, and the reading
// network also predicts the next item itself, as in gru.h.
#pragma once

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"
#include "ensue/models/recurrent.h"

namespace ensue::models {

struct Seq2Seq {
  struct Config : RecurrentModelConfig {
    int steps = 5;
    void visit(auto&& field) {  // tied always, items alone
      field("width", width, "width of an item's vector");
      field("hidden", hidden, "units of each layer that reads");
      field("dropout", dropout, "share dropped before every layer and head");
      field("steps", steps, "items ahead that training writes");
      field("repeats", repeats, "events looked back for repeats; 0: none");
      inputs.visit(field);
    }
  };
  static artifact::ModelSpec build(const Config& config) {
    require(config.steps > 0, "seq2seq", "steps", std::to_string(config.steps),
            "at least 1");
    artifact::ModelSpec out = recurrent_model("seq2seq", "gru", config);
    out.heads.push_back(block(
        "decoder",
        artifact::DecoderConfig{.width = config.width, .steps = config.steps}));
    return out;
  }
};

}  // namespace ensue::models
