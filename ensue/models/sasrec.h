// SPDX-License-Identifier: Apache-2.0
// Kang & McAuley 2018, arXiv:1808.09781. Departures: norm before each part and
// once at the end, GELU and a wider feed-forward part, full softmax by default
// (Klenitskiy & Vasilev 2023, arXiv:2309.07602); a window that jumps by halves
// instead of sliding, so that one more event costs one step.
#pragma once

#include <string>

#include "ensue/artifact/model_spec.h"

namespace ensue::models {

struct SasRec {
  struct Config {
    int width = 64, layers = 2, heads = 2, hidden = 256, window = 200;
    double dropout = 0.2;
    std::string activation = "gelu";
    bool actions = false;
    int repeats = 0;
    void visit(auto&& field) {
      field("width", width, "model width, a multiple of heads");
      field("layers", layers, "transformer layers");
      field("heads", heads, "attention heads per layer");
      field("hidden", hidden, "units of the feed-forward part");
      field("window", window, "events seen at once, at most");
      field("dropout", dropout, "share dropped, everywhere");
      field("activation", activation, "relu or gelu");
      field("actions", actions, "add a vector for the event's action");
      field("repeats", repeats, "events looked back for repeats; 0: none");
    }
  };
  static artifact::ModelSpec build(const Config& config);
};

}  // namespace ensue::models
