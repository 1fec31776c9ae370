// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/recurrent.h"

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"

namespace ensue::models {
namespace {

void check(const std::string& name, const RecurrentModelConfig& config) {
  require(config.width > 0, name, "width", std::to_string(config.width),
          "at least 1");
  require(!config.hidden.empty(), name, "hidden", "[]", "at least one layer");
  for (const int units : config.hidden) {
    require(units > 0, name, "hidden", std::to_string(units), "at least 1");
  }
  require(config.repeats >= 0, name, "repeats", std::to_string(config.repeats),
          "0 or more");
  require_rate(name, config.dropout);
}

}  // namespace

artifact::ModelSpec recurrent_model(const std::string& name,
                                    const std::string& cell,
                                    const RecurrentModelConfig& config) {
  check(name, config);
  artifact::ModelSpec out;
  out.name = name;
  out.inputs = event_inputs(name, config.inputs, {.width = config.width});
  const artifact::DropoutConfig dropout{.rate = config.dropout};
  int width = config.width;
  for (const int units : config.hidden) {
    out.blocks.push_back(block("dropout", dropout));
    out.blocks.push_back(block(
        cell, artifact::RecurrentConfig{.inputs = width, .hidden = units}));
    width = units;
  }
  out.blocks.push_back(block("dropout", dropout));
  if (config.tied && width != config.width) {
    out.blocks.push_back(block(
        "linear",
        artifact::LinearConfig{.inputs = width, .outputs = config.width}));
    width = config.width;
  }
  add_norm(config.inputs, width, out.blocks);
  out.heads = event_heads(
      item_head(
          name, config.inputs,
          {.width = width, .tied = config.tied, .repeats = config.repeats}),
      config.events);
  return out;
}

}  // namespace ensue::models
