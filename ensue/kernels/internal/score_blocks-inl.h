// SPDX-License-Identifier: Apache-2.0
// What both passes of packed_attention.h share: blocks of scores, and matrices
// laid out for small products. Inside a Highway file.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "ensue/kernels/packed_attention.h"

#if defined(ENSUE_KERNELS_SCORE_BLOCKS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ENSUE_KERNELS_SCORE_BLOCKS_INL_H
#undef ENSUE_KERNELS_SCORE_BLOCKS_INL_H
#else
#define ENSUE_KERNELS_SCORE_BLOCKS_INL_H
#endif

#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"
#include "ensue/kernels/internal/small_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = ProductTag;
using V = hn::Vec<D>;

inline constexpr std::size_t kLine = 16;     // floats of a cache line
inline constexpr std::size_t kQueries = 48;  // rows of a block
// Keys of a block: with a depth of 64 they and their values take 64 KiB. Rows
// of scores have room for a vector behind them.
inline constexpr std::size_t kKeys = 128, kScores = kKeys + kLine;

constexpr std::size_t whole_lines(std::size_t floats) {
  return (floats + kLine - 1) / kLine * kLine;
}

// Scores are in units of log(2). What is not seen scores kUnseen; maxima start
// above it, so that its share is 0 in rows that see nothing of a block, too.
inline constexpr float kUnseen = -1e30F, kLowest = -1e29F;

// Hands out the parts of one allocation.
struct Cut {
  float* at;
  float* next(std::size_t floats) {
    float* out = at;
    at += whole_lines(floats);
    return out;
  }
};

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
inline void spread_bias(const AttentionHead& head, float* by_key) {
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

// One matrix [length, depth] as a right factor, whole lines with zeros behind:
// where it stands if its rows are such lines, else as a copy at `room`.
inline RightFactor rows_of(const AttentionHead& head, const float* from,
                           std::size_t stride, float* room) {
  if (head.depth % kLine == 0) return {from, stride};
  const std::size_t padded = whole_lines(head.depth);
  float* to = room;
  for (std::size_t i = 0; i < head.length; ++i, from += stride, to += padded) {
    clear(to + padded - kLine, to + padded);
    copy_scaled(from, 1, to, head.depth);
  }
  return {room, padded};
}

inline RightFactor from_row(const RightFactor& rows, std::size_t row) {
  return {rows.at + row * rows.stride, rows.stride};
}

// One matrix [length, depth] block by block transposed: [blocks][depth][kKeys].
inline void pack_columns(const AttentionHead& head, const float* from,
                         float scale, float* to) {
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

inline std::size_t packed_columns(const AttentionHead& head) {
  return (head.length + kKeys - 1) / kKeys * head.depth * kKeys;
}

inline float natural_scale(const AttentionHead& head) {
  return 1 / std::sqrt(static_cast<float>(head.depth));
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
