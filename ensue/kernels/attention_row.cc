// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/attention_row.h"

#include <algorithm>
#include <cmath>

#include "ensue/kernels/softmax_row.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/attention_row.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// scores[j] = scale * query . key j. Every lane is a chain of its own; lanes
// of events that are not there yet are computed and never read.
void attention_scores(const float* query, const float* keys, std::size_t depth,
                      std::size_t stride, std::size_t count, float scale,
                      float* scores) {
  const hn::CappedTag<float, 16> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t j = 0; j < count; j += lanes) {
    auto sum = hn::Zero(d);
    for (std::size_t i = 0; i < depth; ++i) {
      sum = hn::MulAdd(hn::Set(d, query[i]),
                       hn::LoadU(d, keys + i * stride + j), sum);
    }
    hn::StoreU(hn::Mul(sum, hn::Set(d, scale)), d, scores + j);
  }
}

// kVectors vectors of the weighted sum of value rows.
template <int kVectors, class D>
HWY_INLINE void mix(D d, const float* share, const float* values,
                    std::size_t width, std::size_t count, float* out) {
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> sum[kVectors];
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Zero(d);
  for (std::size_t j = 0; j < count; ++j, values += width) {
    const auto weight = hn::Set(d, share[j]);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      sum[v] = hn::MulAdd(weight, hn::LoadU(d, values + v * lanes), sum[v]);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) hn::StoreU(sum[v], d, out + v * lanes);
}

void attention_mix(const float* share, const float* values, std::size_t depth,
                   std::size_t width, std::size_t count, float* out) {
  const hn::CappedTag<float, 16> d;
  const hn::CappedTag<float, 1> one;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= depth; i += 4 * lanes) {
    mix<4>(d, share, values + i, width, count, out + i);
  }
  for (; i + lanes <= depth; i += lanes) {
    mix<1>(d, share, values + i, width, count, out + i);
  }
  for (; i < depth; ++i) {
    mix<1>(one, share, values + i, width, count, out + i);
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(attention_scores);
HWY_EXPORT(attention_mix);

void attention_store(const AttentionShape& shape, std::size_t place,
                     const float* key, const float* value, float* keys,
                     float* values) noexcept {
  const std::size_t stride = shape.stride();
  for (std::size_t i = 0; i < shape.width; ++i) {
    keys[i * stride + place] = key[i];
  }
  std::copy_n(value, shape.width, values + place * shape.width);
}

void attention_row(const AttentionShape& shape, const float* query,
                   const float* keys, const float* values, std::size_t count,
                   float* scores, float* out) noexcept {
  const std::size_t depth = shape.width / shape.heads, stride = shape.stride();
  const float scale = 1.0F / std::sqrt(static_cast<float>(depth));
  for (std::size_t at = 0; at < shape.width; at += depth) {
    HWY_DYNAMIC_DISPATCH(attention_scores)
    (query + at, keys + at * stride, depth, stride, count, scale, scores);
    softmax_row(scores, nullptr, count, 1.0F);
    HWY_DYNAMIC_DISPATCH(attention_mix)
    (scores, values + at, depth, shape.width, count, out + at);
  }
}

}  // namespace ensue::kernels
#endif
