// SPDX-License-Identifier: Apache-2.0
// Which items does a query mean, for this customer?
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/json.h"
#include "ensue/events/history.h"
#include "ensue/runtime/search.h"

namespace ensue::tasks {

struct FoundItem {
  std::uint32_t item = 0;  // of the artifact
  std::string name;        // as in the log
  std::string title;       // "" when the item table has none
  double score = 0;
  double probability = 0;  // among the candidates
  runtime::SearchSignals parts{};
};

/// {"item", "title"?, "score", "probability", "why": what each signal adds to
/// the score, those that add nothing left out}.
JsonObject to_json(const FoundItem& found);

/// What `ensue train --task search` writes. Immutable, thread-safe.
class SearchModel {
 public:
  static bool is_one(const artifact::Description& about);
  /// @throws Error(kCorrupt) when the artifact is none.
  explicit SearchModel(std::shared_ptr<const artifact::Artifact> artifact);

  const artifact::Artifact& artifact() const noexcept {
    return search_.artifact();
  }
  const artifact::Description& about() const noexcept {
    return artifact().description();
  }
  /// Whether its weights were fitted to what people typed and chose; else it
  /// orders by BM25 and popularity.
  bool learnt_from_queries() const;

  /// The `k` best, best first, by the events strictly before `at`; the most
  /// popular ones where nothing matches. `allowed`: a byte per item of the
  /// artifact and then of `additions`, or empty: all. `additions`: of search();
  /// an addition is an item behind those of the artifact.
  /// @throws Error(kInvalidArgument) for a query without a letter or digit.
  std::vector<FoundItem> find(
      std::string_view query, const events::History& history, events::Millis at,
      std::size_t k, std::span<const std::uint8_t> allowed = {},
      const runtime::SearchAdditions* additions = nullptr) const;
  /// Whether a word of the query stands in an item's text, or the query led
  /// somewhere before.
  bool matches(std::string_view query) const { return search_.knows(query); }
  const runtime::Search& search() const noexcept { return search_; }

 private:
  runtime::Search search_;
};

}  // namespace ensue::tasks
