// SPDX-License-Identifier: Apache-2.0
// Pairs in pieces whose events fit into memory, and the features of a piece.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ensue/data/features.h"
#include "ensue/data/internal/feature_sql.h"

namespace ensue::data {

/// Features of pairs: [pairs, definitions], row by row.
struct FeatureBlock {
  std::size_t first = 0, pairs = 0;  // places in FeatureChunks::order()
  std::vector<double> cells;
};

/// One query, run piece by piece; each on a database of its own, so that pieces
/// may be computed on several threads at once.
class FeatureChunks {
 public:
  /// All arguments must outlive it. @throws as compute_features().
  FeatureChunks(const events::Log& log,
                std::span<const features::Definition> definitions,
                std::span<const AsOf> pairs, const FeatureOptions& options);

  /// Places of `pairs`, sorted by user and time.
  const std::vector<std::size_t>& order() const noexcept { return order_; }
  std::size_t size() const noexcept { return chunks_.size(); }
  FeatureBlock compute(std::size_t chunk) const;

 private:
  struct Chunk {
    std::size_t begin, end;  // of order_
  };
  void cut(const FeatureOptions& options);

  const events::Log& log_;
  std::span<const AsOf> pairs_;
  std::vector<std::size_t> order_;
  std::vector<Chunk> chunks_;
  std::size_t width_ = 0;  // definitions
  FeaturePlan plan_;
  std::string sql_;
};

}  // namespace ensue::data
