// SPDX-License-Identifier: Apache-2.0
// Boosted trees or a forest, without the library that grew them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ensue/runtime/table_scorer.h"

namespace ensue::runtime {

/// All nodes of all trees, tree after tree, the root first and children behind
/// their parent. A node without children (left < 0) is a leaf.
struct TreeTables {
  std::vector<std::uint64_t> begin = {0};  // [trees + 1] first nodes
  std::vector<std::uint32_t> output_of;    // [trees] the output it adds to
  std::vector<std::int32_t> left, right;   // children, counted from the root
  std::vector<std::int32_t> feature;       // of leaves: 0
  std::vector<float> value;  // x < value goes left; of leaves what is added
  std::vector<float> cover;  // weight of the training rows that came by
  std::vector<std::uint8_t> missing_left;  // where NaN goes
  std::vector<float> base;                 // [outputs] what is added first

  std::size_t trees() const noexcept { return output_of.size(); }
};

/// margin[o] = base[o] + the leaves that the row falls into, added in fp32 in
/// order of the trees, as xgboost does: equal to its margins bit by bit when
/// it predicts on a CPU (tested to 1e-6, as its order of adding is its own).
/// A feature enters as fp32; x < value goes left, NaN where training learnt.
///
/// Tensors of the names of TreeTables.
class Trees final : public TableScorer {
 public:
  /// @throws Error(kCorrupt) when they are no trees: a child before its
  ///   parent, a feature outside [0, width), a number that is not finite, ….
  Trees(TreeTables tables, std::size_t width);
  static std::unique_ptr<const Trees> read(const artifact::Artifact& artifact,
                                           std::size_t place);

  std::string_view type() const noexcept override { return "table_trees"; }
  std::size_t width() const noexcept override { return width_; }
  std::size_t outputs() const noexcept override { return tables_.base.size(); }
  void margins(const FeatureRows& rows, std::span<double> out) const override;
  void add_to(artifact::Draft& draft, std::size_t place) const override;

  const TreeTables& tables() const noexcept { return tables_; }
  /// The node of tables() where row x [width()] ends in a tree.
  std::size_t leaf_of(std::size_t tree,
                      std::span<const float> x) const noexcept;

 private:
  TreeTables tables_;
  std::size_t width_;
};

}  // namespace ensue::runtime
