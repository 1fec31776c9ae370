// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/self_attention.h"

#include <string>

#include "ensue/runtime/internal/affine.h"

namespace ensue::runtime {

SelfAttention::SelfAttention(const BlockSource& source, int width, int heads,
                             int window)
    : shape_{.width = source.size("width", width),
             .heads = source.size("heads", heads),
             .window = source.size("window", window)} {
  source.require(width % heads == 0, "width " + std::to_string(width) +
                                         " is no multiple of heads " +
                                         std::to_string(heads));
  const auto all = 3 * std::int64_t{width};
  const auto weight = source.floats("attention.in.weight", {all, width});
  const auto bias = source.floats("attention.in.bias", {all});
  const std::size_t own = shape_.width;
  queries_ = {weight.first(own * own), bias.first(own), own, own};
  keys_values_ = {weight.subspan(own * own), bias.subspan(own), 2 * own, own};
  out_ = dense(source, "attention.out", width, width);
}

void SelfAttention::run(std::span<float> x, const Steps& steps,
                        std::span<float> memory, std::span<float> scratch,
                        std::span<float> out) const noexcept {
  const std::size_t width = shape_.width, rows = steps.size();
  const std::size_t idle = steps.idle();
  float* keys = memory.data();
  float* values = keys + shape_.keys();
  const auto pairs = scratch.first(rows * 2 * width);
  const auto queries = scratch.subspan(pairs.size(), rows * width);
  float* scores = queries.data() + queries.size();
  keys_values_.apply(x, rows, pairs);
  queries_.apply(x.subspan(idle * width), rows - idle,
                 queries.subspan(idle * width));
  const auto store = [&](std::size_t r) {
    const float* key = pairs.data() + r * 2 * width;
    kernels::attention_store(shape_, steps.position + r, key, key + width, keys,
                             values);
  };
  for (std::size_t r = 0; r < rows && !causal_; ++r) store(r);
  for (std::size_t r = 0; r < rows; ++r) {
    if (causal_) store(r);
    if (r < idle) continue;
    const std::size_t seen = steps.position + (causal_ ? r + 1 : rows);
    kernels::attention_row(shape_, queries.data() + r * width, keys, values,
                           seen, scores, x.data() + r * width);
  }
  out_.apply(x.subspan(idle * width), rows - idle, out.subspan(idle * width));
}

}  // namespace ensue::runtime
