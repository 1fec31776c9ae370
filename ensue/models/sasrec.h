// SPDX-License-Identifier: Apache-2.0
// Kang & McAuley 2018, arXiv:1808.09781. Departures: norm before each part and
// once at the end, GELU and a wider feed-forward part, full softmax by default
// (Klenitskiy & Vasilev 2023, arXiv:2309.07602); a window that jumps by halves
// instead of sliding, so that one more event costs one step.
#pragma once

#include "ensue/models/attention.h"

namespace ensue::models {

struct SasRec {
  using Config = TransformerModelConfig;
  static artifact::ModelSpec build(const Config& config) {
    return transformer_model("sasrec", config);
  }
};

}  // namespace ensue::models
