// SPDX-License-Identifier: Apache-2.0
// Pieces that several models share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/model_spec.h"
#include "ensue/base/fields.h"

namespace ensue::models {

/// A block of the catalogue with its configuration.
template <class Config>
artifact::BlockSpec block(std::string type, Config config) {
  return {std::move(type), write_fields(config)};
}

/// @throws Error(kInvalidArgument) "<model>.<name>: <value>, expected …".
void require(bool good, const std::string& model, const std::string& field,
             const std::string& value, const std::string& expected);

/// The dropout rate is in [0, 1).
void require_rate(const std::string& model, double rate);

/// The head next_item, and with `events` next_event after it.
std::vector<artifact::BlockSpec> event_heads(
    const artifact::NextItemConfig& items, bool events);

/// Item vectors, and action vectors when asked for.
std::vector<artifact::BlockSpec> event_inputs(int width, bool scale,
                                              bool actions);

}  // namespace ensue::models
