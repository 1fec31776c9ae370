// SPDX-License-Identifier: Apache-2.0
// gSASRec, Petrov & Macdonald 2023, arXiv:2308.07192: SASRec whose loss makes
// up for the negatives not drawn, [train] loss = "gbce"
// (configs/*/gsasrec.toml: 256 negatives, t = 0.75). One head and the width
// follow the authors' public configurations, which vary. Departures: those of
// sasrec.h, but relu and a feed-forward part as wide as the model are SASRec's
// own; item vectors tied to the output, which the authors do not; a negative
// that is the target is left out instead of drawn anew.
#pragma once

#include "ensue/models/attention.h"

namespace ensue::models {

struct GsasRec {
  struct Config : TransformerModelConfig {
    Config() {
      width = hidden = 128;
      heads = 1;
      dropout = 0.5;
      activation = "relu";
    }
  };
  static artifact::ModelSpec build(const Config& config) {
    return transformer_model("gsasrec", config);
  }
};

}  // namespace ensue::models
