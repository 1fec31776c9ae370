// SPDX-License-Identifier: Apache-2.0
// The best items by dot product, exactly, without scoring all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ensue/kernels/code_table.h"
#include "ensue/runtime/top_k.h"

namespace ensue::runtime {

/// What an item's logit is raised by, beside its dot product.
struct ItemAddition {
  std::uint32_t item;
  float logit;
};

/// One search.
struct ItemQuery {
  std::span<const float> x;
  std::size_t k;
  ItemFilter filter = {};
  std::span<const ItemAddition> additions = {};  // one per item at most
};

/// Scans codes of all items for those that may be among the best, and scores
/// these with the bits of kernels::PackedLinear. Immutable, thread-safe; keeps
/// scratch per thread.
class ItemSearch {
 public:
  using Answer = std::optional<std::vector<Scored>>;

  ItemSearch() = default;
  /// @param rows  must outlive it.
  /// @throws what kernels::CodeTable throws.
  explicit ItemSearch(kernels::LinearRows rows);

  /// Answers, equal to top_k() of all logits; or nothing where scoring all is
  /// sooner done: for a large share of the items, after so many candidates that
  /// the rest will hardly be skipped, and for numbers that bounds do not cover.
  /// A block of codes is read once for all queries.
  std::vector<Answer> top(std::span<const ItemQuery> queries) const;

 private:
  struct Scan;
  static std::vector<Scan>& scans(std::size_t count);
  bool start(const ItemQuery& query, Scan& scan) const;
  void score_additions(const ItemQuery& query, Scan& scan) const;
  void score_listed(const ItemQuery& query, Scan& scan) const;
  void advance(const ItemQuery& query, Scan& scan, std::size_t from,
               std::size_t end) const;
  void flush(const ItemQuery& query, Scan& scan) const;

  kernels::LinearRows rows_;
  kernels::CodeTable codes_;
};

}  // namespace ensue::runtime
