// SPDX-License-Identifier: Apache-2.0
// The best items by a graph of near neighbours: sooner, not always right.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "ensue/runtime/engine.h"

namespace ensue::runtime {

struct HnswOptions {
  int links = 32;          // of an item, on every level
  int build_effort = 100;  // items looked at when one is linked
  int search_effort = 64;  // items looked at in a search
  int samples = 200;       // searches that the recall is measured on
};

/// Hierarchical navigable small worlds (Malkov & Yashunin 2016,
/// arXiv:1603.09320), by faiss, over the item vectors of a next_item head. A
/// search by dot product is made one by distance with one more number per item
/// (Bachrach et al. 2014, doi:10.1145/2645710.2645741); a bias is another one.
/// Scores are those of Engine::score(), bit by bit; only the choice of items is
/// approximate. Building takes minutes for a million items, and its memory is
/// that of the vectors and links. Immutable, thread-safe.
class Hnsw {
 public:
  /// @throws Error(kInvalidArgument) when the model's scores are not dot
  ///   products alone: another head, or one that repeats raise.
  static std::unique_ptr<const Hnsw> build(std::shared_ptr<const Engine> engine,
                                           const HnswOptions& options = {});
  ~Hnsw();

  /// Share of the ten best items that top() found for users of 1 to 20 random
  /// events.
  double recall_at_10() const noexcept { return recall_; }

  /// Like Engine::top. A filter is applied to four times as many items as are
  /// asked for; where too few pass, the exact search answers.
  std::vector<Scored> top(const State& state, std::size_t k,
                          const ItemFilter& filter = {}) const;

 private:
  struct Impl;
  explicit Hnsw(std::unique_ptr<const Impl> impl);
  double measured_recall(int samples) const;

  std::unique_ptr<const Impl> impl_;
  double recall_ = 0;
};

}  // namespace ensue::runtime
