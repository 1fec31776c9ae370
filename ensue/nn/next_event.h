// SPDX-License-Identifier: Apache-2.0
// The head next_event: what it learns from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/nn/block.h"
#include "ensue/nn/internal/affine.h"

namespace ensue::nn {

/// Events that follow rows of a batch, [events] each. `items` has one target
/// row per event, numbered as they are, that predicts its item alone.
struct NextEvents {
  std::vector<std::int64_t> rows;     // of the batch; a basket's repeats them
  std::vector<std::int64_t> actions;  // of the next event
  std::vector<std::int64_t> gaps;     // its bucket, artifact::time_bucket
  std::vector<float> values;          // its value; NaN: none
  Targets items;

  std::size_t size() const noexcept { return rows.size(); }
};

/// Trained half of artifact::NextEventConfig.
class EventHead {
 public:
  EventHead(const artifact::NextEventConfig& config, const Sizes& sizes,
            Scope& scope);

  /// What the parts make of [n, width] rows, with torch's graph behind it.
  at::Tensor actions(const at::Tensor& x) const;  // logits [n, actions]
  at::Tensor gaps(const at::Tensor& x,            // logits [n, kGapBuckets]
                  const std::vector<std::int64_t>& actions) const;
  at::Tensor queries(const at::Tensor& x,  // [n, width], for next_item
                     const std::vector<std::int64_t>& actions,
                     const std::vector<std::int64_t>& gaps) const;
  /// [n, 2]: mean and log deviation of asinh(value).
  at::Tensor values(const at::Tensor& x,
                    const std::vector<std::int64_t>& actions,
                    const std::vector<std::int64_t>& items,
                    const ItemHead& head) const;

  /// Before the first step: biases of a head that says of every row how often
  /// each action and each gap's bucket is met in these events, and the mean and
  /// deviation of their values. Rare events then need no steps to be rare.
  void start_from(const NextEvents& next);

  /// Weighted means of -log P over the events, scalars: of actions, of gaps'
  /// buckets, of values where there is one (0 without any).
  struct Losses {
    at::Tensor action, gap, value;
  };
  Losses losses(const at::Tensor& x, const NextEvents& next,
                const ItemHead& head) const;

 private:
  Affine action_in_, action_out_, gap_in_, gap_out_, query_in_, query_out_;
  Affine value_in_, value_item_, value_out_;
  Parameter *gap_action_, *query_action_, *query_gap_, *value_action_;
};

}  // namespace ensue::nn
