// SPDX-License-Identifier: Apache-2.0
// eSASRec, Tikhonovich et al. 2025, arXiv:2508.06450: SASRec's next-item
// objective, LiGR layers, sampled softmax ([train] loss = "sampled_softmax",
// configs/*/esasrec.toml). Departures: draws shared by the batch, by popularity
// and with their logits corrected for it, where the paper draws uniformly for
// every position; biases in the feed-forward part; a norm before the head;
// positions, scaling and window as in sasrec.h.
#pragma once

#include "ensue/artifact/block_configs.h"
#include "ensue/models/attention.h"
#include "ensue/models/parts.h"

namespace ensue::models {

struct EsasRec {
  using Config = AttentionModelConfig;
  static artifact::ModelSpec build(const Config& c) {
    return attention_model(
        "esasrec", c,
        block("ligr", artifact::LigrConfig{.width = c.width,
                                           .heads = c.heads,
                                           .hidden = c.hidden,
                                           .window = c.window,
                                           .dropout = c.dropout}));
  }
};

}  // namespace ensue::models
