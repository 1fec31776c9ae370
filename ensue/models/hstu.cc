// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/hstu.h"

#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"

namespace ensue::models {
namespace {

void check(const Hstu::Config& c) {
  const auto at_least = [](const char* name, int value, int least,
                           const std::string& expected) {
    require(value >= least, "hstu", name, std::to_string(value), expected);
  };
  at_least("width", c.width, 1, "at least 1");
  at_least("layers", c.layers, 1, "at least 1");
  at_least("heads", c.heads, 1, "at least 1");
  at_least("window", c.window, 1, "at least 1");
  at_least("time_buckets", c.time_buckets, 0, "0 or more");
  at_least("repeats", c.repeats, 0, "0 or more");
  require(c.width % c.heads == 0, "hstu", "heads", std::to_string(c.heads),
          "a divisor of width=" + std::to_string(c.width));
  require_rate("hstu", c.dropout);
}

}  // namespace

artifact::ModelSpec Hstu::build(const Config& c) {
  check(c);
  artifact::ModelSpec out;
  out.name = "hstu";
  out.inputs =
      event_inputs("hstu", c.inputs, {.width = c.width, .scale = true});
  out.blocks.push_back(
      block("dropout", artifact::DropoutConfig{.rate = c.dropout}));
  for (int layer = 0; layer < c.layers; ++layer) {
    out.blocks.push_back(
        block("hstu", artifact::HstuConfig{.width = c.width,
                                           .heads = c.heads,
                                           .window = c.window,
                                           .time_buckets = c.time_buckets,
                                           .dropout = c.dropout}));
  }
  out.blocks.push_back(
      block("layer_norm", artifact::LayerNormConfig{.width = c.width}));
  out.heads = event_heads(
      item_head("hstu", c.inputs, {.width = c.width, .repeats = c.repeats}),
      c.events);
  return out;
}

}  // namespace ensue::models
