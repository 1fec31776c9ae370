// SPDX-License-Identifier: Apache-2.0
// The labels of the rows of training that are nearest.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ensue/runtime/table_scorer.h"

namespace ensue::runtime {

/// What the labels of the neighbours become.
enum class NeighbourLabel : std::uint64_t { kShares, kMean, kLogMean };

struct NeighbourTables {
  std::uint64_t k = 1;
  NeighbourLabel kind = NeighbourLabel::kShares;
  std::size_t width = 0;
  std::vector<float> rows;    // [rows, width]
  std::vector<float> labels;  // [rows]: 0 or 1, the class, the number
  std::vector<float> prior;   // [outputs] mean labels of training
};

/// The k rows of least Euclidean distance, equally near ones in order of row;
/// an exact scan, O(rows * width) a question.
///   kShares   share s of a label among them, with one more neighbour that
///             votes as the prior: p = (k s + prior) / (k + 1); the margin is
///             its log-odds (one output) or its logarithm (classes)
///   kMean     their mean
///   kLogMean  the logarithm of (k mean + prior) / (k + 1)
class NeighboursScorer final : public TableScorer {
 public:
  /// @throws Error(kCorrupt) when the sizes do not fit.
  explicit NeighboursScorer(NeighbourTables tables);
  static std::unique_ptr<const NeighboursScorer> read(
      const artifact::Artifact& artifact, std::size_t place);

  std::string_view type() const noexcept override { return "table_neighbours"; }
  std::size_t width() const noexcept override { return tables_.width; }
  std::size_t outputs() const noexcept override { return tables_.prior.size(); }
  void margins(const FeatureRows& rows, std::span<double> out) const override;
  void add_to(artifact::Draft& draft, std::size_t place) const override;

  /// The k nearest rows of x [width], nearest first.
  std::vector<std::uint32_t> nearest(std::span<const float> x) const;

 private:
  void margin(std::span<const float> x, std::span<double> out) const;
  NeighbourTables tables_;
};

}  // namespace ensue::runtime
