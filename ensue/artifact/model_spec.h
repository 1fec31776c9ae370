// SPDX-License-Identifier: Apache-2.0
// A model is data: what is summed before the list, the list, what follows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/json.h"

namespace ensue::artifact {

/// One step of a model. `type` is a name in blocks(); `config` is the visited
/// configuration struct of that block (block_configs.h).
struct BlockSpec {
  std::string type;
  JsonObject config;
};

/// inputs are summed (each makes [width] from one event); blocks follow one
/// another; heads answer. Classical models have one head and nothing else.
struct ModelSpec {
  std::string name;  // "gru", "markov", … for people; no code depends on it
  std::vector<BlockSpec> inputs, blocks, heads;

  JsonObject to_json() const;
  /// @throws Error(kCorrupt) naming `where`; Error(kNotFound) for a block type
  ///   that the catalogue does not list.
  static ModelSpec from_json(const Json& json, std::string_view where);
};

}  // namespace ensue::artifact
