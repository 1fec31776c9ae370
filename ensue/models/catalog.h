// SPDX-License-Identifier: Apache-2.0
// The models by name: each a list of blocks and defaults, pure data.
#pragma once

#include <string_view>
#include <vector>

#include "ensue/artifact/model_spec.h"
#include "ensue/base/catalog.h"
#include "ensue/base/fields.h"

namespace ensue::models {

struct ModelEntry {
  std::string_view name;
  std::string_view summary;  // one line
  std::string_view source;   // paper
  /// The list of blocks for a configuration.
  /// @throws Error(kInvalidArgument) on an unknown key or a wrong value.
  artifact::ModelSpec (*build)(const JsonObject& config);
  std::vector<FieldDoc> (*fields)();
};

const Catalog<ModelEntry>& models();

}  // namespace ensue::models
