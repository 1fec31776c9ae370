// SPDX-License-Identifier: Apache-2.0
// BERT4Rec, Sun et al. 2019, arXiv:1904.06690: events see each other both ways,
// training guesses hidden ones ([train] mask_share, mask_last), a mask behind
// the history asks for the next. Departures: norm before each part by default
// and once at the end, as in sasrec.h; no extra layer between the last norm and
// the item vectors; which events are hidden is drawn anew every epoch, and all
// items of one instant are hidden by one mask; the action of what is hidden is
// hidden, too.
#pragma once

#include "ensue/models/attention.h"

namespace ensue::models {

struct Bert4Rec {
  struct Config : TransformerModelConfig {
    void visit(auto&& field) {
      TransformerModelConfig::visit(field);
      field("norm", norm, "pre or post: before or after each part");
    }
  };
  static artifact::ModelSpec build(const Config& config) {
    artifact::ModelSpec out =
        transformer_model("bert4rec", config, "bidirectional_transformer");
    out.inputs[0].config["mask"] = true;
    return out;
  }
};

}  // namespace ensue::models
