// SPDX-License-Identifier: Apache-2.0
// Where a block finds its configuration and parameters in an artifact.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"

namespace ensue::runtime {

/// One place in a model's lists. A view: the artifact must outlive what is
/// built from it.
struct BlockSource {
  const artifact::Artifact& artifact;
  std::string_view section;  // inputs, blocks or heads
  std::size_t place;
  const artifact::BlockSpec& spec;

  /// "blocks.2 (gru)", for errors.
  std::string where() const {
    return std::string(section) + "." + std::to_string(place) + " (" +
           spec.type + ")";
  }
  /// @throws Error(kCorrupt) naming the block and the reason.
  void require(bool good, const std::string& reason) const {
    if (!good) throw Error(Code::kCorrupt, where() + ": " + reason);
  }
  template <class Config>
  Config config() const {
    Config out;
    read_fields(out, spec.config, where());
    return out;
  }
  bool has(std::string_view parameter) const {
    return artifact.has(
        artifact::Artifact::tensor_name(section, place, parameter));
  }
  std::span<const float> floats(std::string_view parameter,
                                std::vector<std::int64_t> shape) const {
    return artifact.floats(
        artifact::Artifact::tensor_name(section, place, parameter),
        std::move(shape));
  }
  /// A size from a configuration: at least 1 and small enough to be meant.
  std::size_t size(std::string_view name, int value) const {
    require(value >= 1 && value <= 1 << 24, std::string(name) + " is " +
                                                std::to_string(value) +
                                                ", expected at least 1");
    return static_cast<std::size_t>(value);
  }
};

}  // namespace ensue::runtime
