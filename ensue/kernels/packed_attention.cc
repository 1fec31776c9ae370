// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/packed_attention.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/packed_attention.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/score_blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

class Forward {
 public:
  Forward(const AttentionHead& head, AttentionScratch& scratch)
      : head_(head),
        padded_(whole_lines(head.depth)),
        cols_((head.depth + hn::Lanes(D()) - 1) / hn::Lanes(D()) *
              hn::Lanes(D())) {
    const std::size_t bias = head.bias.empty() ? 0 : head.length + kScores;
    Cut cut{scratch.take(packed_columns(head) + head.length * padded_ +
                         kQueries * padded_ + kProductRows * kScores +
                         2 * kQueries + whole_lines(bias))};
    keys_ = cut.next(packed_columns(head));
    values_ = rows_of(head, head.values, head.stride,
                      cut.next(head.length * padded_));
    mixed_ = cut.next(kQueries * padded_);
    scores_ = cut.next(kProductRows * kScores);
    most_ = cut.next(kQueries);
    total_ = cut.next(kQueries);
    bias_ = bias == 0 ? nullptr : cut.next(bias);
    pack_columns(head, head.keys,
                 natural_scale(head) * std::numbers::log2e_v<float>, keys_);
    if (bias_ != nullptr) spread_bias(head, bias_);
  }

  void run(float* out, std::size_t stride, float* log_sums) {
    for (std::size_t top = 0; top < head_.length; top += kQueries) {
      const std::size_t rows = std::min(kQueries, head_.length - top);
      std::fill_n(mixed_, rows * padded_, 0.0F);
      std::fill_n(most_, rows, kLowest);
      std::fill_n(total_, rows, 0.0F);
      const std::size_t low = head_.reach.first(top) / kKeys * kKeys;
      const std::size_t high = head_.reach.last(top + rows - 1, head_.length);
      for (std::size_t key = low; key < high; key += kKeys) {
        add_block(Block(head_, key), top, rows);
      }
      for (std::size_t r = 0; r < rows; ++r) {
        finish(r, out + (top + r) * stride);
        log_sums[top + r] = most_[r] + std::log2(total_[r]);
      }
    }
  }

 private:
  void add_block(const Block& block, std::size_t top, std::size_t rows) {
    for (std::size_t r = 0; r < rows; r += kProductRows) {
      const std::size_t few = std::min<std::size_t>(kProductRows, rows - r);
      const Columns tile = block.seen(top + r, few);
      if (tile.first >= tile.last) continue;
      const float* keys = keys_ + block.key() * head_.depth + tile.begin;
      few_rows({head_.queries + (top + r) * head_.stride, head_.stride, 1},
               {keys, kKeys}, {scores_ + tile.begin, kScores}, few, head_.depth,
               tile.end - tile.begin);
      for (std::size_t i = 0; i < few; ++i) {
        settle(block, block.of_row(tile, top + r + i), top, r + i,
               scores_ + i * kScores);
      }
      few_rows({scores_ + tile.first, kScores, 1},
               from_row(values_, block.key() + tile.first),
               {mixed_ + r * padded_, padded_, true}, few,
               tile.last - tile.first, cols_);
    }
  }

  // Scores of one row into shares of the running maximum.
  void settle(const Block& block, const Columns& c, std::size_t top,
              std::size_t r, float* scores) {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    if (bias_ != nullptr) {
      add_bias(c, bias_ + (head_.length - 1 - top - r) + block.key(), scores);
    }
    hide_unseen(c, scores);
    V best = hn::Set(d, most_[r]);
    for (std::size_t i = c.begin; i < c.end; i += lanes) {
      best = hn::Max(best, hn::LoadU(d, scores + i));
    }
    best = hn::MaxOfLanes(d, best);
    V sum = hn::Zero(d);
    for (std::size_t i = c.begin; i < c.end; i += lanes) {
      const V share = exp2_or_zero(hn::Sub(hn::LoadU(d, scores + i), best));
      hn::StoreU(share, d, scores + i);
      sum = hn::Add(sum, share);
    }
    const float more = hn::GetLane(hn::SumOfLanes(d, sum));
    if (total_[r] > 0) {
      const V shrink = exp2_or_zero(hn::Sub(hn::Set(d, most_[r]), best));
      scale_row(r, shrink);
      total_[r] *= hn::GetLane(shrink);
    }
    total_[r] += more;
    most_[r] = hn::GetLane(best);
  }

  void scale_row(std::size_t r, V scale) {
    const D d;
    float* row = mixed_ + r * padded_;
    for (std::size_t i = 0; i < cols_; i += hn::Lanes(d)) {
      hn::StoreU(hn::Mul(scale, hn::LoadU(d, row + i)), d, row + i);
    }
  }

  void finish(std::size_t r, float* out) {
    copy_scaled(mixed_ + r * padded_, 1 / total_[r], out, head_.depth);
  }

  const AttentionHead& head_;
  std::size_t padded_, cols_;  // floats of a packed row; those computed
  RightFactor values_;
  float *keys_, *mixed_, *scores_, *most_, *total_, *bias_;
};

void attention_forward(const AttentionHead& head, float* out,
                       std::size_t out_stride, float* log_sums,
                       AttentionScratch& scratch) {
  Forward(head, scratch).run(out, out_stride, log_sums);
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(attention_forward);

float* AttentionScratch::take(std::size_t floats) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  if (memory_.size() < floats + kLine) {
    memory_ = {};
    memory_.resize(floats + kLine);
  }
  const auto place = reinterpret_cast<std::uintptr_t>(memory_.data());
  return memory_.data() + (64 - place % 64) % 64 / sizeof(float);
}

void packed_attention(const AttentionHead& head, float* out,
                      std::size_t out_stride, float* log_sums,
                      AttentionScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(attention_forward)
  (head, out, out_stride, log_sums, scratch);
}

}  // namespace ensue::kernels
#endif
