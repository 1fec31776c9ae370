// SPDX-License-Identifier: Apache-2.0
// The two products of one query with the keys and values of an
// AttentionShape, for one head, inside a Highway file.
#include <cstddef>

#if defined(ENSUE_KERNELS_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ENSUE_KERNELS_ATTENTION_INL_H
#undef ENSUE_KERNELS_ATTENTION_INL_H
#else
#define ENSUE_KERNELS_ATTENTION_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

/// What a head's scores are made of.
struct ScoredKeys {
  const float *query, *keys;
  std::size_t depth, stride;
  float scale;
};

/// kVectors vectors of scores; their chains hide each other's latency.
template <int kVectors>
HWY_INLINE void score_keys(const ScoredKeys& of, std::size_t first,
                           float* scores) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::CappedTag<float, 16> d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<decltype(d)> sum[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
  const float* key = of.keys + first;
  for (std::size_t i = 0; i < of.depth; ++i, key += of.stride) {
    const auto query = hn::Set(d, of.query[i]);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      sum[v] = hn::MulAdd(query, hn::LoadU(d, key + v * lanes), sum[v]);
    }
  }
  const auto scale = hn::Set(d, of.scale);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    hn::StoreU(hn::Mul(sum[v], scale), d, scores + first + v * lanes);
  }
}

/// scores[j] = scale * query . key j. Every lane is a chain of its own; lanes
/// of events that are not there yet are computed and never read.
HWY_INLINE void attention_scores(const float* query, const float* keys,
                                 std::size_t depth, std::size_t stride,
                                 std::size_t count, float scale,
                                 float* scores) {
  const std::size_t lanes =
      hwy::HWY_NAMESPACE::Lanes(hwy::HWY_NAMESPACE::CappedTag<float, 16>());
  const ScoredKeys of{query, keys, depth, stride, scale};
  std::size_t j = 0;
  for (; j + 3 * lanes < count; j += 4 * lanes) score_keys<4>(of, j, scores);
  for (; j + lanes < count; j += 2 * lanes) score_keys<2>(of, j, scores);
  if (j < count) score_keys<1>(of, j, scores);
}

/// Which rows a weighted sum takes, in order: [first, count), [0, first).
struct MixOrder {
  std::size_t first, count;
};

/// kVectors vectors of the weighted sum of value rows.
template <int kVectors, class D>
HWY_INLINE void mix(D d, const float* share, const float* values,
                    std::size_t width, const MixOrder& order, float* out) {
  namespace hn = hwy::HWY_NAMESPACE;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> sum[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
  const auto add = [&](std::size_t begin, std::size_t end) HWY_ATTR {
    const float* row = values + begin * width;
    for (std::size_t j = begin; j < end; ++j, row += width) {
      const auto weight = hn::Set(d, share[j]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        sum[v] = hn::MulAdd(weight, hn::LoadU(d, row + v * lanes), sum[v]);
      }
    }
  };
  add(order.first, order.count);
  add(0, order.first);
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) hn::StoreU(sum[v], d, out + v * lanes);
}

/// out[0 .. depth) = sum_j share[j] * value row j.
HWY_INLINE void attention_mix(const float* share, const float* values,
                              std::size_t depth, std::size_t width,
                              const MixOrder& order, float* out) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::CappedTag<float, 16> d;
  const hn::CappedTag<float, 1> one;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= depth; i += 4 * lanes) {
    mix<4>(d, share, values + i, width, order, out + i);
  }
  for (; i + 2 * lanes <= depth; i += 2 * lanes) {
    mix<2>(d, share, values + i, width, order, out + i);
  }
  for (; i + lanes <= depth; i += lanes) {
    mix<1>(d, share, values + i, width, order, out + i);
  }
  for (; i < depth; ++i) {
    mix<1>(one, share, values + i, width, order, out + i);
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
