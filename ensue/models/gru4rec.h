// SPDX-License-Identifier: Apache-2.0
// GRU4Rec: Hidasi et al. 2016, arXiv:1511.06939, with the sampling and losses
// of Hidasi & Karatzoglou 2018, arXiv:1706.03847: one layer of 100 units over
// item vectors shared with the output, [train] loss = "sampled_softmax" or
// "bpr_max" over draws shared by the batch (configs/*/gru4rec.toml).
// Departures: whole sequences instead of session-parallel batches, and so more
// draws by popularity in place of the batch's other targets, which here are
// often the same user's; logits of draws lowered by the logarithm of their
// chance (bpr_max: not); Adam instead of Adagrad; BPR-max over scores that are
// not bent by ELU.
#pragma once

#include "ensue/models/recurrent.h"

namespace ensue::models {

struct Gru4Rec {
  struct Config : RecurrentModelConfig {
    Config() {
      width = 100;
      hidden = {100};
    }
  };
  static artifact::ModelSpec build(const Config& config) {
    return recurrent_model("gru4rec", "gru", config);
  }
};

}  // namespace ensue::models
