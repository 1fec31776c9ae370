// SPDX-License-Identifier: Apache-2.0
// What is known of a model's items, and which of them may be shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/json.h"
#include "ensue/tasks/filter.h"

namespace ensue::serve {

/// A bit per item.
using Bits = std::vector<std::uint64_t>;

/// The item columns of an artifact, and over them what was said of items since
/// (documents). An item whose document says "hidden": true or a "stock" that is
/// not above 0 is never shown. Thread-safe.
class Catalogue {
 public:
  /// Answers to conditions that are kept, the latest.
  static constexpr std::size_t kKept = 64;

  /// The artifact must outlive it.
  explicit Catalogue(const artifact::Artifact& artifact);

  /// Replaces what was said of an item of the model, or of one that came later:
  /// places behind those of the model, of which documents alone tell.
  void set(std::uint32_t item, const JsonObject& document);
  void forget(std::uint32_t item);

  /// The items that meet all conditions and may be shown; nullptr: every item
  /// may. Each condition costs one pass over the items the first time.
  /// @throws Error(kNotFound) for a column that neither the artifact nor any
  ///   document has, Error(kInvalidArgument) as tasks::ConditionTest.
  std::shared_ptr<const Bits> allowed(
      std::span<const tasks::Condition> conditions) const;

  /// Of the first of title, name, description; "": none.
  std::string title(std::uint32_t item) const;
  /// The columns of an item, documents over the artifact's.
  JsonObject describe(std::uint32_t item) const;
  std::vector<std::string> columns() const;

 private:
  struct Kept {
    std::string key;
    std::shared_ptr<const Bits> bits;
  };
  bool shown(const JsonObject& document) const;
  void clear();
  Bits compute(std::span<const tasks::Condition> conditions) const;
  void keep_matching(const tasks::Condition& condition, Bits& bits) const;

  const artifact::Artifact& artifact_;
  mutable std::shared_mutex mutex_;
  std::map<std::uint32_t, JsonObject> documents_;
  mutable std::mutex kept_mutex_;
  mutable std::list<Kept> kept_;  // latest first
  std::uint64_t changes_ = 0;
};

}  // namespace ensue::serve
