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

#include "ensue/kernels/internal/attention-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

void attention_row(const AttentionShape& shape, const float* query,
                   const float* keys, const float* values, std::size_t count,
                   float* scores, float* out) {
  const std::size_t depth = shape.width / shape.heads, stride = shape.stride();
  const float scale = 1.0F / std::sqrt(static_cast<float>(depth));
  const MixOrder order{.first = 0, .count = count};
  for (std::size_t at = 0; at < shape.width; at += depth) {
    attention_scores(query + at, keys + at * stride, depth, stride, count,
                     scale, scores);
    softmax_row(scores, nullptr, count, 1.0F);
    attention_mix(scores, values + at, depth, shape.width, order, out + at);
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(attention_row);

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
  HWY_DYNAMIC_DISPATCH(attention_row)
  (shape, query, keys, values, count, scores, out);
}

}  // namespace ensue::kernels
#endif
