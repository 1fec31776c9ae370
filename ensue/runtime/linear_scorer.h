// SPDX-License-Identifier: Apache-2.0
// A weighted sum of features.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ensue/runtime/table_scorer.h"

namespace ensue::runtime {

/// margin[o] = bias[o] + sum over features weights[o, f] x[f].
/// Tensors: weights F32 [outputs, width], bias F32 [outputs].
class LinearScorer final : public TableScorer {
 public:
  /// @throws Error(kCorrupt) when the sizes do not fit or a number is not
  ///   finite.
  LinearScorer(std::vector<float> weights, std::vector<float> bias);
  static std::unique_ptr<const LinearScorer> read(
      const artifact::Artifact& artifact, std::size_t place);

  std::string_view type() const noexcept override { return "table_linear"; }
  std::size_t width() const noexcept override {
    return weights_.size() / bias_.size();
  }
  std::size_t outputs() const noexcept override { return bias_.size(); }
  void margins(const FeatureRows& rows, std::span<double> out) const override;
  void add_to(artifact::Draft& draft, std::size_t place) const override;

  std::span<const float> weights() const noexcept { return weights_; }
  std::span<const float> bias() const noexcept { return bias_; }

 private:
  std::vector<float> weights_, bias_;
};

}  // namespace ensue::runtime
