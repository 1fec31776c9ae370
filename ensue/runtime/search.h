// SPDX-License-Identifier: Apache-2.0
// A query and a customer: which items are meant?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"
#include "ensue/runtime/search_additions.h"

namespace ensue::runtime {

/// What speaks for an item, each a number to be weighed.
///   words       BM25 of its text, divided by the best of all candidates
///   popularity  log P(item)
///   earlier     log of how often the same query led to it, over the mean of
///               the candidates; 0 for a query never seen
///   alike       mean log lift of it and the items of the customer's history:
///               who took those takes it more often than others do
///   own         log(1 + events of the customer on it)
inline constexpr std::array<std::string_view, 5> kSearchSignals = {
    "words", "popularity", "earlier", "alike", "own"};
using SearchSignals = std::array<double, kSearchSignals.size()>;

enum class SearchRanking { kWords, kPopular, kBlend };

struct SearchRequest {
  std::string_view query;
  /// In the artifact's ids; may be empty. Items that it does not know do not
  /// count.
  events::History history = {};
  /// A byte per item, additions behind the others, or empty: all.
  std::span<const std::uint8_t> allowed = {};
  /// Items that came later: items() and their place. They are as popular as
  /// the least popular item, nothing led to them earlier, nobody took them.
  const SearchAdditions* additions = nullptr;
};

struct SearchCandidate {
  std::uint32_t item = 0;
  SearchSignals signals{};
};

struct SearchHit {
  std::uint32_t item = 0;
  double score = 0;
  double probability = 0;  // among the candidates
  SearchSignals parts{};   // what each signal adds to the score
};

/// An inverted index with BM25 weights (Robertson & Zaragoza 2009,
/// doi:10.1561/1500000019, eq. 3.15), counts of earlier queries, lifts of pairs
/// of items, and weights fitted to what was chosen (classic/search.h).
///
/// Tensors over n items, t words, q known queries:
///   words, queries         lists of texts (internal/text_list.h)
///   word_offsets U64 [t + 1], word_items U32, word_weights F32: BM25
///   query_offsets U64 [q + 1], query_items U32, query_counts F32
///   lift_offsets U64 [n + 1], lift_items U32, lifts F32
///   log_popularity F32 [n]
///   popular_weights, blend_weights F64 [signals]
/// Immutable, thread-safe. A question costs the rows of its words and of the
/// last 200 events with a known item, and kMostCandidates * signals.
class Search {
 public:
  static constexpr std::size_t kMostCandidates = 500, kHistory = 200;

  /// @throws what Artifact::load throws, Error(kCorrupt).
  static std::shared_ptr<const Search> load(const std::string& path);
  explicit Search(std::shared_ptr<const artifact::Artifact> artifact);
  ~Search();

  const artifact::Artifact& artifact() const noexcept;
  std::size_t items() const noexcept;

  /// Items that share a word with the query or were chosen after it before, the
  /// best kMostCandidates by words, then popularity; the most popular ones when
  /// there are none. Rising by item.
  std::vector<SearchCandidate> candidates(const SearchRequest& request) const;

  /// The `k` best, best first, ties by lower item.
  ///   kWords    BM25 alone; items of the same BM25 are ties
  ///   kPopular  BM25 and popularity, weighed as fitted
  ///   kBlend    all signals, weighed as fitted
  std::vector<SearchHit> top(const SearchRequest& request, std::size_t k,
                             SearchRanking ranking) const;

  /// The item columns that words come from.
  const std::vector<std::string>& text_columns() const noexcept;
  /// What a word is worth that stands `count` times in a text of so many words.
  double bm25(std::string_view word, double count, double length) const;

  /// Whether a word of the query stands in an item's text, or the query led
  /// somewhere before.
  bool knows(std::string_view query) const;

  const SearchSignals& weights(SearchRanking ranking) const noexcept;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::runtime
