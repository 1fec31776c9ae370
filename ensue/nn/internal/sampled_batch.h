// SPDX-License-Identifier: Apache-2.0
// What losses over draws that a whole batch shares have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "ensue/kernels/bf16.h"
#include "ensue/nn/losses.h"

namespace ensue::nn {

/// The logit of one item for the head's input `x` [width], in double.
double exact_logit(const ItemHead& head, const float* x, std::int64_t item);

/// Gradients of logits that were made one by one: hidden row rows[r] has the
/// items [begin[r], begin[r + 1]) with their slopes. Adds to the head and to
/// `dhidden`, shaped like hidden.
void add_exact(const at::Tensor& hidden, const ItemHead& head,
               std::span<const std::int64_t> rows,
               std::span<const std::int64_t> begin,
               std::span<const std::int64_t> items,
               std::span<const float> slopes, float* dhidden);

/// `negatives` items, sorted.
std::vector<std::int64_t> draw_items(const NegativeSampler& sampler,
                                     int negatives, Rng& rng);

/// The target rows of a batch, scored against their targets and the draws. With
/// a head in bf16 the products with the draws read rounded numbers and sum in
/// fp32; targets and gradients per row are fp32.
class SampledBatch {
 public:
  SampledBatch(const at::Tensor& hidden, const Targets& targets,
               const ItemHead& head);

  /// Draws items and takes their vectors and biases.
  void draw(const NegativeSampler& sampler, int negatives, Rng& rng);
  const std::vector<std::int64_t>& drawn() const noexcept { return drawn_; }
  /// [draws] What is added to the logits of a draw: its bias, at first.
  std::vector<float>& offsets() noexcept { return offsets_; }

  const Targets& targets() const noexcept { return targets_; }
  /// Targets [begin, end) belong to target row `row`.
  std::size_t begin(std::size_t row) const noexcept {
    return static_cast<std::size_t>(targets_.begin[row]);
  }
  std::size_t end(std::size_t row) const noexcept { return begin(row + 1); }
  /// Places [first, second) of `item` among the draws.
  std::pair<std::size_t, std::size_t> hits(std::int64_t item) const;
  /// The logit of target `t` of row `row`, with its bias.
  double target_logit(std::size_t row, std::size_t t) const;
  /// Weight of target `t` in the mean.
  double share(std::size_t t) const noexcept {
    return targets_.weights[t] * (1 / total_);
  }

  /// [draws] of one row: logits without offsets, then d mean / d logit.
  float* row(std::size_t r) noexcept {
    return logits_.data() + r * drawn_.size();
  }
  /// [targets] d mean / d logit of each target.
  std::vector<float>& slopes() noexcept { return slopes_; }

  /// Scores; calls `settle_row` for every row, in parallel, which replaces
  /// row(r) and the slopes of its targets by gradients and returns the sum of
  /// weight * loss; then carries the gradients to the head and to `hidden`.
  LossValue settle(const std::function<double(std::size_t row)>& settle_row);

 private:
  void add_draws(const std::vector<float>& dvectors);

  const at::Tensor& hidden_;
  const Targets& targets_;
  const ItemHead& head_;
  std::size_t width_;
  double total_;                     // sum of weights
  std::vector<std::int64_t> drawn_;  // sorted
  std::vector<float> vectors_;       // [draws, width]
  std::vector<float> offsets_, logits_, slopes_;
  std::vector<kernels::Half> half_logits_;  // once settled, in bf16
};

}  // namespace ensue::nn
