// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/pointwise_row.h"

#include "ensue/kernels/silu.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/pointwise_row.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/attention-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

void pointwise_row(const AttentionShape& shape, const Ring& ring,
                   const float* query, const float* keys, const float* values,
                   const float* bias, float* scores, float* out) {
  const std::size_t depth = shape.width / shape.heads, stride = shape.stride();
  const float scale = 1.0F / static_cast<float>(shape.window);
  const MixOrder order{.first = ring.oldest, .count = ring.count};
  for (std::size_t at = 0; at < shape.width; at += depth) {
    attention_scores(query + at, keys + at * stride, depth, stride, ring.count,
                     /*scale=*/1, scores);
    silu_row(scores, bias, scale, ring.count);
    attention_mix(scores, values + at, depth, shape.width, order, out + at);
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(pointwise_row);

void pointwise_row(const AttentionShape& shape, const Ring& ring,
                   const float* query, const float* keys, const float* values,
                   const float* bias, float* scores, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(pointwise_row)
  (shape, ring, query, keys, values, bias, scores, out);
}

}  // namespace ensue::kernels
#endif
