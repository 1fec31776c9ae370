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

#include "ensue/kernels/internal/each-inl.h"
#include "ensue/kernels/internal/small_product-inl.h"

#ifndef ENSUE_KERNELS_PACKED_ATTENTION_ONCE
#define ENSUE_KERNELS_PACKED_ATTENTION_ONCE
namespace ensue::kernels {

constexpr std::size_t kLine = 16;     // floats of a cache line
constexpr std::size_t kQueries = 48;  // rows of a block
// Keys of a block: with a depth of 64 they and their values take 64 KiB. Rows
// of scores have room for a vector behind them.
constexpr std::size_t kKeys = 128, kScores = kKeys + kLine;

constexpr std::size_t whole_lines(std::size_t floats) {
  return (floats + kLine - 1) / kLine * kLine;
}

// Scores are in units of log(2). What is not seen scores kUnseen; maxima start
// above it, so that its share is 0 in rows that see nothing of a block, too.
constexpr float kUnseen = -1e30F, kLowest = -1e29F;

// Hands out the parts of one allocation.
struct Cut {
  float* at;
  float* next(std::size_t floats) {
    float* out = at;
    at += whole_lines(floats);
    return out;
  }
};

}  // namespace ensue::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = ProductTag;
using V = hn::Vec<D>;

// 2^x for x <= 1, and 0 below 2^-126. The polynomial is off by 3e-9.
HWY_INLINE V exp2_or_zero(V x) {
  const D d;
  const hn::RebindToSigned<D> di;
  const V magic = hn::Set(d, 0x1.8p23F);  // moves the whole part to the right
  const V moved = hn::Add(x, magic);
  const V f = hn::Sub(x, hn::Sub(moved, magic));
  V p = hn::Set(d, 0.000154614447F);
  p = hn::MulAdd(p, f, hn::Set(d, 0.00134004282F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.00961805668F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.0555032723F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.240226509F));
  p = hn::MulAdd(p, f, hn::Set(d, 0.693147207F));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0F));
  const auto power = hn::ShiftLeft<23>(hn::BitCast(di, moved));
  const V out = hn::BitCast(d, hn::Add(hn::BitCast(di, p), power));
  return hn::IfThenElseZero(hn::Ge(x, hn::Set(d, -126.0F)), out);
}

// Columns of a block of scores, counted from its first key: [begin, end) are
// computed, in whole vectors; [first, last) are seen.
struct Columns {
  std::size_t begin, end, first, last;
};

// Rows `row` … of the head against the keys of one block.
class Block {
 public:
  Block(const AttentionHead& head, std::size_t key)
      : head_(head),
        key_(key),
        keys_(std::min(kKeys, head.length - key)),
        lanes_(hn::Lanes(D())) {}

  std::size_t key() const { return key_; }
  std::size_t keys() const { return keys_; }
  // What any of rows [row, row + rows) sees; empty if begin >= end.
  Columns seen(std::size_t row, std::size_t rows) const {
    const auto [first, last] = range(row, row + rows - 1);
    return {first / lanes_ * lanes_, (last + lanes_ - 1) / lanes_ * lanes_,
            first, last};
  }
  // The same columns, of which `row` alone sees [first, last).
  Columns of_row(const Columns& tile, std::size_t row) const {
    const auto [first, last] = range(row, row);
    const std::size_t from = std::clamp(first, tile.begin, tile.end);
    return {tile.begin, tile.end, from, std::clamp(last, from, tile.end)};
  }

 private:
  struct Range {
    std::size_t first, last;
  };
  Range range(std::size_t top, std::size_t bottom) const {
    const std::size_t first = head_.reach.first(top);
    const std::size_t last = head_.reach.last(bottom, head_.length);
    return {first - std::min(first, key_),
            std::min(last - std::min(last, key_), keys_)};
  }

  const AttentionHead& head_;
  std::size_t key_, keys_, lanes_;
};

HWY_INLINE void hide_unseen(const Columns& c, float* scores) {
  const D d;
  std::fill(scores + c.begin, scores + c.first, kUnseen);
  for (std::size_t i = c.last; i < c.end; i += hn::Lanes(d)) {
    hn::StoreU(hn::Set(d, kUnseen), d, scores + i);
  }
}

HWY_INLINE void add_bias(const Columns& c, const float* bias, float* scores) {
  const D d;
  for (std::size_t i = c.begin; i < c.end; i += hn::Lanes(d)) {
    hn::StoreU(hn::Add(hn::LoadU(d, scores + i), hn::LoadU(d, bias + i)), d,
               scores + i);
  }
}

// `by_key[length - 1 - i + j]` is the bias of key j for query i, in units of
// log(2); behind it is room for keys that are rounded up to.
void spread_bias(const AttentionHead& head, float* by_key) {
  for (std::size_t distance = 0; distance < head.length; ++distance) {
    const std::size_t place = std::min(distance, head.bias.size() - 1);
    by_key[head.length - 1 - distance] =
        head.bias[place] * std::numbers::log2e_v<float>;
  }
  std::fill_n(by_key + head.length, kScores, 0.0F);
}

HWY_INLINE void copy_scaled(const float* from, float scale, float* to,
                            std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::Set(d, scale), hn::LoadU(d, from + i)), d, to + i);
  });
}

HWY_INLINE void clear(float* from, const float* end) {
  const D d;
  for (; from < end; from += hn::Lanes(d)) hn::StoreU(hn::Zero(d), d, from);
}

// One matrix [length, depth] as a right factor: whole lines, zeros behind.
void pack_rows(const AttentionHead& head, const float* from, std::size_t stride,
               float* to) {
  const std::size_t padded = whole_lines(head.depth);
  for (std::size_t i = 0; i < head.length; ++i, from += stride, to += padded) {
    clear(to + padded - kLine, to + padded);
    copy_scaled(from, 1, to, head.depth);
  }
}

// The same, block by block transposed: [blocks][depth][kKeys].
void pack_columns(const AttentionHead& head, const float* from, float scale,
                  float* to) {
  for (std::size_t key = 0; key < head.length; key += kKeys) {
    const std::size_t keys = std::min(kKeys, head.length - key);
    const std::size_t padded = whole_lines(keys);
    transpose({from + key * head.stride, head.stride, keys, head.depth, scale},
              to, kKeys);
    for (std::size_t c = 0; c < head.depth && keys < padded; ++c) {
      std::fill(to + c * kKeys + keys, to + c * kKeys + padded, 0.0F);
    }
    to += head.depth * kKeys;
  }
}

std::size_t packed_columns(const AttentionHead& head) {
  return (head.length + kKeys - 1) / kKeys * head.depth * kKeys;
}

float natural_scale(const AttentionHead& head) {
  return 1 / std::sqrt(static_cast<float>(head.depth));
}

// ---- forward

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
    values_ = cut.next(head.length * padded_);
    mixed_ = cut.next(kQueries * padded_);
    scores_ = cut.next(kProductRows * kScores);
    most_ = cut.next(kQueries);
    total_ = cut.next(kQueries);
    bias_ = bias == 0 ? nullptr : cut.next(bias);
    pack_columns(head, head.keys,
                 natural_scale(head) * std::numbers::log2e_v<float>, keys_);
    pack_rows(head, head.values, head.stride, values_);
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
               {values_ + (block.key() + tile.first) * padded_, padded_},
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
  float *keys_, *values_, *mixed_, *scores_, *most_, *total_, *bias_;
};

void attention_forward(const AttentionHead& head, float* out,
                       std::size_t out_stride, float* log_sums,
                       AttentionScratch& scratch) {
  Forward(head, scratch).run(out, out_stride, log_sums);
}

// ---- backward

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
    // Tiles of keys may run over the last one.
    const std::size_t sums = rows + kProductRows * padded_;
    const std::size_t bias = head.bias.empty() ? 0 : head.length + kScores;
    Cut cut{scratch.take(2 * packed_columns(head) + 3 * rows + 2 * sums +
                         kQueries * (padded_ + 2 * kScores + 1) +
                         2 * whole_lines(bias))};
    key_columns_ = cut.next(packed_columns(head));
    value_columns_ = cut.next(packed_columns(head));
    keys_ = cut.next(rows);
    queries_ = cut.next(rows);
    dout_ = cut.next(rows);
    dkeys_ = cut.next(sums);
    dvalues_ = cut.next(sums);
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
    pack_rows(head, head.keys, head.stride, keys_);
    pack_rows(head, head.queries, head.stride, queries_);
    pack_rows(head, slope.dout, slope.stride, dout_);
    std::fill_n(dkeys_, sums, 0.0F);
    std::fill_n(dvalues_, sums, 0.0F);
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
    const std::size_t row = (top + r) * padded_;
    few_rows({queries_ + row, padded_, 1}, {key_columns_ + at, kKeys},
             {shares + tile.begin, kScores}, few, head_.depth, size);
    few_rows({dout_ + row, padded_, 1}, {value_columns_ + at, kKeys},
             {slopes + tile.begin, kScores}, few, head_.depth, size);
    for (std::size_t i = 0; i < few; ++i) {
      settle(block, block.of_row(tile, top + r + i), top, r + i,
             shares + i * kScores, slopes + i * kScores);
    }
    few_rows({slopes + tile.first, kScores, 1},
             {keys_ + (block.key() + tile.first) * padded_, padded_},
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
      const std::size_t row = (top + first) * padded_;
      few_rows({slopes_ + at, 1, kScores}, {queries_ + row, padded_},
               {dkeys_ + key * padded_, padded_, true}, few, last - first,
               cols_);
      few_rows({shares_ + at, 1, kScores}, {dout_ + row, padded_},
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
  float *key_columns_, *value_columns_, *keys_, *queries_, *dout_;
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

HWY_EXPORT(attention_forward);
HWY_EXPORT(attention_backward);

float* AttentionScratch::take(std::size_t floats) {
  if (memory_.size() < floats + kLine) {
    memory_ = {};
    memory_.resize(floats + kLine);
  }
  const auto place = reinterpret_cast<std::uintptr_t>(memory_.data());
  constexpr std::size_t kBytes = kLine * sizeof(float);
  return memory_.data() + (kBytes - place % kBytes) % kBytes / sizeof(float);
}

void packed_attention(const AttentionHead& head, float* out,
                      std::size_t out_stride, float* log_sums,
                      AttentionScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(attention_forward)
  (head, out, out_stride, log_sums, scratch);
}

void packed_attention_back(const AttentionHead& head,
                           const AttentionSlope& slope,
                           const AttentionGradient& gradient,
                           AttentionScratch& scratch) {
  HWY_DYNAMIC_DISPATCH(attention_backward)(head, slope, gradient, scratch);
}

}  // namespace ensue::kernels
#endif
