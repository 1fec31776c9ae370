// SPDX-License-Identifier: Apache-2.0
// Zhai et al. 2024, arXiv:2402.17152 ("Actions speak louder than words").
// Departures: places count relative to each other alone and the window slides,
// so that one more event costs one step and an answer never changes with what
// was evicted; time biases go by the time between the two events (the authors'
// code takes the later one's successor, which a live question does not have)
// in buckets of half a doubling; norms have learnt scales; dropout after a
// layer instead of inside; a norm and full softmax by default at the end
// instead of cosines and sampled softmax.
#pragma once

#include "ensue/artifact/model_spec.h"
#include "ensue/models/parts.h"

namespace ensue::models {

struct Hstu {
  struct Config {
    int width = 64, layers = 2, heads = 2, window = 200, time_buckets = 64;
    double dropout = 0.2;
    int repeats = 0;
    bool events = false;
    EventInputs inputs;
    void visit(auto&& field) {
      field("width", width, "model width, a multiple of heads");
      field("layers", layers, "transduction units");
      field("heads", heads, "attention heads per layer");
      field("window", window, "events that an event looks back at, per layer");
      field("time_buckets", time_buckets,
            "biases by the time between events; 0: none, as without a clock");
      field("dropout", dropout, "share dropped, everywhere");
      field("repeats", repeats, "events looked back for repeats; 0: none");
      field("events", events,
            "also predict the next event's action, time and value");
      inputs.visit(field);
    }
  };
  static artifact::ModelSpec build(const Config& config);
};

}  // namespace ensue::models
