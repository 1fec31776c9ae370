// SPDX-License-Identifier: Apache-2.0
// The small neural network: one hidden layer.
#pragma once

#include <string_view>
#include <vector>

#include "ensue/runtime/table_scorer.h"

namespace ensue::runtime {

/// Several networks alike of `hidden` units each, their margins averaged:
///   margin = mean over networks of out relu(in x + in_bias) + out_bias
struct DenseTables {
  std::size_t networks = 1, hidden = 0, outputs = 0;
  std::vector<float> in;        // [width, networks * hidden]
  std::vector<float> in_bias;   // [networks * hidden]
  std::vector<float> out;       // [outputs, networks * hidden]
  std::vector<float> out_bias;  // [networks, outputs]
};

/// Tensors of the names of DenseTables.
class DenseScorer final : public TableScorer {
 public:
  /// @throws Error(kCorrupt) when the sizes do not fit or a number is not
  ///   finite.
  explicit DenseScorer(DenseTables tables);
  static std::unique_ptr<const DenseScorer> read(
      const artifact::Artifact& artifact, std::size_t place);

  std::string_view type() const noexcept override { return "table_dense"; }
  std::size_t width() const noexcept override {
    return tables_.in.size() / tables_.in_bias.size();
  }
  std::size_t outputs() const noexcept override { return tables_.outputs; }
  void margins(const FeatureRows& rows, std::span<double> out) const override;
  void add_to(artifact::Draft& draft, std::size_t place) const override;

  const DenseTables& tables() const noexcept { return tables_; }

 private:
  DenseTables tables_;
};

}  // namespace ensue::runtime
