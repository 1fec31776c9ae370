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
  in_ = dense(source, "attention.in", 3 * std::int64_t{width}, width);
  out_ = dense(source, "attention.out", width, width);
}

void SelfAttention::run(std::span<float> x, const Steps& steps,
                        std::span<float> memory, std::span<float> scratch,
                        std::span<float> out) const noexcept {
  const std::size_t width = shape_.width, rows = steps.size();
  float* keys = memory.data();
  float* values = keys + shape_.keys();
  float* qkv = scratch.data();
  float* scores = qkv + rows * 3 * width;
  in_.apply(x, rows, scratch);
  const auto store = [&](std::size_t r) {
    const float* key = qkv + r * 3 * width + width;
    kernels::attention_store(shape_, steps.position + r, key, key + width, keys,
                             values);
  };
  for (std::size_t r = 0; r < rows && !causal_; ++r) store(r);
  for (std::size_t r = 0; r < rows; ++r) {
    if (causal_) store(r);
    if (r < steps.idle()) continue;
    const std::size_t seen = steps.position + (causal_ ? r + 1 : rows);
    kernels::attention_row(shape_, qkv + r * 3 * width, keys, values, seen,
                           scores, x.data() + r * width);
  }
  const std::size_t idle = steps.idle() * width;
  out_.apply(x.subspan(idle), rows - steps.idle(), out.subspan(idle));
}

}  // namespace ensue::runtime
