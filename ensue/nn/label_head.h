// SPDX-License-Identifier: Apache-2.0
// The head label: what it learns from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/nn/block.h"
#include "ensue/nn/internal/affine.h"

namespace ensue::nn {

/// Questions behind rows of a batch, [questions] each.
struct LabelRows {
  std::vector<std::int64_t> rows;  // of the batch: the last event before it
  std::vector<float> since;        // artifact::label_since of the time between
  std::vector<float> values;       // the label; of a class its place

  std::size_t size() const noexcept { return rows.size(); }
};

/// Trained half of artifact::LabelConfig.
class LabelHead {
 public:
  /// @throws Error(kInvalidArgument) on an unknown kind or a size below 1.
  LabelHead(const artifact::LabelConfig& config, Scope& scope);

  const std::string& task() const noexcept { return config_.task; }

  /// Counts base and scale of the labels that it is to learn; without it they
  /// are 0 and 1.
  void count(std::span<const float> values);

  /// [n, outputs] of [n, width] rows, with torch's graph behind it.
  at::Tensor margins(const at::Tensor& x,
                     const std::vector<float>& since) const;
  /// The mean over the questions, a scalar: -log of the probability (binary,
  /// class), the squared error in deviations (number), Poisson's -log
  /// likelihood without its constant (count).
  at::Tensor loss(const at::Tensor& margins,
                  const std::vector<float>& values) const;

  /// Adds base and scale.
  void write(artifact::Draft& draft) const;

 private:
  artifact::LabelConfig config_;
  std::string base_name_, scale_name_;
  Affine in_, out_;
  std::vector<float> base_;
  float scale_ = 1;
};

}  // namespace ensue::nn
