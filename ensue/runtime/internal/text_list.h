// SPDX-License-Identifier: Apache-2.0
// Texts in rising order, as they lie in an artifact.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ensue/artifact/artifact.h"

namespace ensue::runtime {

/// Tensors "<name>" U8, all texts end to end, and "<name>_offsets" U64
/// [texts + 1]. A view of the artifact, which must outlive it.
class TextList {
 public:
  /// @throws Error(kCorrupt) when offsets do not fit or texts do not rise.
  TextList(const artifact::Artifact& artifact, std::string_view name);

  std::size_t size() const noexcept { return offsets_.size() - 1; }
  std::string_view operator[](std::size_t place) const noexcept {
    return text_.substr(offsets_[place], offsets_[place + 1] - offsets_[place]);
  }
  /// O(log size).
  std::optional<std::uint32_t> find(std::string_view text) const noexcept;

 private:
  std::span<const std::uint64_t> offsets_;
  std::string_view text_;
};

}  // namespace ensue::runtime
