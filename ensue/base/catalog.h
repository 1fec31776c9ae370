// SPDX-License-Identifier: Apache-2.0
// Named lists: models, blocks, metrics, presets, verbs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/base/error.h"

namespace ensue {

/// A fixed, ordered list of named things. `Entry` has a `std::string_view
/// name`.
template <class Entry>
class Catalog {
 public:
  Catalog(std::string_view kind, std::vector<Entry> entries)
      : kind_(kind), entries_(std::move(entries)) {}

  std::span<const Entry> all() const noexcept { return entries_; }

  /// Throws Error(kNotFound) that lists every known name.
  const Entry& find(std::string_view name) const {
    std::string known;
    for (const Entry& entry : entries_) {
      if (entry.name == name) return entry;
      known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw Error(Code::kNotFound, "unknown " + std::string(kind_) + " '" +
                                     std::string(name) + "'; known: " + known);
  }

 private:
  std::string_view kind_;
  std::vector<Entry> entries_;
};

}  // namespace ensue
