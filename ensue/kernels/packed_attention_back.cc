// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ensue/kernels/packed_attention.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/packed_attention_back.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/score_blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

// With p the shares, g = dout and dp = g V^T:
//   ds = p (dp - <g, out>);  dq = ds K;  dk = ds^T q;  dv = p^T g
// the first two times 1 / sqrt(depth).
class Backward {
 public:
  Backward(const AttentionHead& head, const AttentionSlope& slope,
           AttentionScratch& scratch)
      : head_(head),
        slope_(slope),
        padded_(whole_lines(head.depth)),
        cols_((head.depth + hn::Lanes(D()) - 1) / hn::Lanes(D()) *
              hn::Lanes(D())) {
    const std::size_t rows = head.length * padded_;
    const std::size_t bias = head.bias.empty() ? 0 : head.length + kScores;
    Cut cut{scratch.take(2 * packed_columns(head) + 5 * rows +
                         kQueries * (padded_ + 2 * kScores + 1) +
                         2 * whole_lines(bias))};
    key_columns_ = cut.next(packed_columns(head));
    value_columns_ = cut.next(packed_columns(head));
    keys_ = rows_of(head, head.keys, head.stride, cut.next(rows));
    queries_ = rows_of(head, head.queries, head.stride, cut.next(rows));
    dout_ = rows_of(head, slope.dout, slope.stride, cut.next(rows));
    dkeys_ = cut.next(rows);
    dvalues_ = cut.next(rows);
    dqueries_ = cut.next(kQueries * padded_);
    shares_ = cut.next(kQueries * kScores);
    slopes_ = cut.next(kQueries * kScores);
    dots_ = cut.next(kQueries);
    bias_ = bias == 0 ? nullptr : cut.next(bias);
    dbias_ = bias == 0 ? nullptr : cut.next(bias);
    pack_columns(head, head.keys,
                 natural_scale(head) * std::numbers::log2e_v<float>,
                 key_columns_);
    pack_columns(head, head.values, 1, value_columns_);
    std::fill_n(dkeys_, rows, 0.0F);
    std::fill_n(dvalues_, rows, 0.0F);
    if (bias_ == nullptr) return;
    spread_bias(head, bias_);
    std::fill_n(dbias_, bias, 0.0F);
  }

  void run(const AttentionGradient& gradient) {
    for (std::size_t top = 0; top < head_.length; top += kQueries) {
      const std::size_t rows = std::min(kQueries, head_.length - top);
      for (std::size_t r = 0; r < rows; ++r) dots_[r] = dot(top + r);
      std::fill_n(dqueries_, rows * padded_, 0.0F);
      const std::size_t low = head_.reach.first(top) / kKeys * kKeys;
      const std::size_t high = head_.reach.last(top + rows - 1, head_.length);
      for (std::size_t key = low; key < high; key += kKeys) {
        const Block block(head_, key);
        for (std::size_t r = 0; r < rows; r += kProductRows) {
          const std::size_t few = std::min<std::size_t>(kProductRows, rows - r);
          add_rows(block, top, r, few);
        }
        add_keys(block, top, rows, std::min(high - key, block.keys()));
      }
      give(dqueries_, rows, natural_scale(head_),
           gradient.queries + top * head_.stride);
    }
    give(dkeys_, head_.length, natural_scale(head_), gradient.keys);
    give(dvalues_, head_.length, 1, gradient.values);
    if (bias_ != nullptr) give_bias(gradient.dbias);
  }

 private:
  float dot(std::size_t i) const {
    const float* a = slope_.out + i * slope_.stride;
    const float* b = slope_.dout + i * slope_.stride;
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    V sum = hn::Zero(d);
    std::size_t c = 0;
    for (; c + lanes <= head_.depth; c += lanes) {
      sum = hn::MulAdd(hn::LoadU(d, a + c), hn::LoadU(d, b + c), sum);
    }
    float out = hn::GetLane(hn::SumOfLanes(d, sum));
    for (; c < head_.depth; ++c) out += a[c] * b[c];
    return out;
  }

  // Shares and slopes of a few queries, and what they give the queries.
  void add_rows(const Block& block, std::size_t top, std::size_t r,
                std::size_t few) {
    const Columns tile = block.seen(top + r, few);
    float* shares = shares_ + r * kScores;
    float* slopes = slopes_ + r * kScores;
    if (tile.first >= tile.last) {
      std::fill_n(shares, few * kScores, 0.0F);
      std::fill_n(slopes, few * kScores, 0.0F);
      return;
    }
    const std::size_t size = tile.end - tile.begin;
    const std::size_t at = block.key() * head_.depth + tile.begin;
    const std::size_t row = top + r;
    few_rows({head_.queries + row * head_.stride, head_.stride, 1},
             {key_columns_ + at, kKeys}, {shares + tile.begin, kScores}, few,
             head_.depth, size);
    few_rows({slope_.dout + row * slope_.stride, slope_.stride, 1},
             {value_columns_ + at, kKeys}, {slopes + tile.begin, kScores}, few,
             head_.depth, size);
    for (std::size_t i = 0; i < few; ++i) {
      settle(block, block.of_row(tile, top + r + i), top, r + i,
             shares + i * kScores, slopes + i * kScores);
    }
    few_rows({slopes + tile.first, kScores, 1},
             from_row(keys_, block.key() + tile.first),
             {dqueries_ + r * padded_, padded_, true}, few,
             tile.last - tile.first, cols_);
  }

  void settle(const Block& block, const Columns& c, std::size_t top,
              std::size_t r, float* shares, float* slopes) {
    const D d;
    const std::size_t place = head_.length - 1 - top - r + block.key();
    if (bias_ != nullptr) add_bias(c, bias_ + place, shares);
    hide_unseen(c, shares);
    const V log_sum = hn::Set(d, slope_.log_sums[top + r]);
    const V mean = hn::Set(d, dots_[r]);
    for (std::size_t i = c.begin; i < c.end; i += hn::Lanes(d)) {
      const V share = exp2_or_zero(hn::Sub(hn::LoadU(d, shares + i), log_sum));
      const V slope = hn::Mul(share, hn::Sub(hn::LoadU(d, slopes + i), mean));
      hn::StoreU(share, d, shares + i);
      hn::StoreU(slope, d, slopes + i);
    }
    if (bias_ != nullptr) add_bias(c, slopes, dbias_ + place);
    for (float* row : {shares, slopes}) {
      clear(row, row + c.begin);
      clear(row + c.end, row + whole_lines(block.keys()));
    }
  }

  // What the queries of a block give its first `seen` keys.
  void add_keys(const Block& block, std::size_t top, std::size_t rows,
                std::size_t seen) {
    for (std::size_t j = 0; j < seen; j += kProductRows) {
      const std::size_t key = block.key() + j;
      const std::size_t few = std::min<std::size_t>(kProductRows, seen - j);
      const auto [first, last] = queries_that_see(key, few, top, rows);
      if (first >= last) continue;
      const std::size_t at = first * kScores + j;
      const std::size_t row = top + first;
      few_rows({slopes_ + at, 1, kScores}, from_row(queries_, row),
               {dkeys_ + key * padded_, padded_, true}, few, last - first,
               cols_);
      few_rows({shares_ + at, 1, kScores}, from_row(dout_, row),
               {dvalues_ + key * padded_, padded_, true}, few, last - first,
               cols_);
    }
  }

  struct Rows {
    std::size_t first, last;
  };
  Rows queries_that_see(std::size_t key, std::size_t few, std::size_t top,
                        std::size_t rows) const {
    const AttentionReach& reach = head_.reach;
    const std::size_t first = reach.causal ? std::max(key, top) - top : 0;
    if (reach.window == 0) return {first, rows};
    const std::size_t end = std::max(key + few - 1 + reach.window, top) - top;
    return {first, std::min(rows, end)};
  }

  void give(const float* from, std::size_t rows, float scale, float* to) const {
    for (std::size_t r = 0; r < rows;
         ++r, from += padded_, to += head_.stride) {
      copy_scaled(from, scale, to, head_.depth);
    }
  }

  void give_bias(std::span<float> to) const {
    for (std::size_t distance = 0; distance < head_.length; ++distance) {
      to[std::min(distance, to.size() - 1)] +=
          dbias_[head_.length - 1 - distance];
    }
  }

  const AttentionHead& head_;
  const AttentionSlope& slope_;
  std::size_t padded_, cols_;  // floats of a packed row; those computed
  RightFactor keys_, queries_, dout_;
  float *key_columns_, *value_columns_;
  float *dkeys_, *dvalues_, *dqueries_, *shares_, *slopes_, *dots_;
  float *bias_, *dbias_;
};

void attention_backward(const AttentionHead& head, const AttentionSlope& slope,
                        const AttentionGradient& gradient,
                        AttentionScratch& scratch) {
  Backward(head, slope, scratch).run(gradient);
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(attention_backward);

void packed_attention_back(const AttentionHead& head,
                           const AttentionSlope& slope,
                           const AttentionGradient& gradient,
                           AttentionScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(attention_backward)(head, slope, gradient, scratch);
}

}  // namespace ensue::kernels
#endif
