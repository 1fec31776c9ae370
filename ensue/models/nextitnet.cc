// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/nextitnet.h"

#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"

namespace ensue::models {
namespace {

void check(const NextItNet::Config& c) {
  const auto at_least = [](const char* field, int value, int least) {
    require(value >= least, "nextitnet", field, std::to_string(value),
            "at least " + std::to_string(least));
  };
  at_least("width", c.width, 1);
  at_least("kernel", c.kernel, 2);
  require(!c.dilations.empty(), "nextitnet", "dilations", "[]",
          "at least one block");
  for (const int dilation : c.dilations) at_least("dilations", dilation, 1);
  at_least("repeats", c.repeats, 0);
  require_rate("nextitnet", c.dropout);
}

}  // namespace

artifact::ModelSpec NextItNet::build(const Config& c) {
  check(c);
  artifact::ModelSpec out;
  out.name = "nextitnet";
  out.inputs = event_inputs("nextitnet", c.inputs, {.width = c.width});
  const auto dropout =
      block("dropout", artifact::DropoutConfig{.rate = c.dropout});
  out.blocks.push_back(dropout);
  for (const int dilation : c.dilations) {
    out.blocks.push_back(
        block("causal_conv", artifact::CausalConvConfig{.width = c.width,
                                                        .kernel = c.kernel,
                                                        .dilation = dilation,
                                                        .dropout = c.dropout}));
  }
  out.blocks.push_back(dropout);
  add_norm(c.inputs, c.width, out.blocks);
  out.heads = event_heads(
      item_head("nextitnet", c.inputs,
                {.width = c.width, .tied = c.tied, .repeats = c.repeats}),
      c.events);
  return out;
}

}  // namespace ensue::models
