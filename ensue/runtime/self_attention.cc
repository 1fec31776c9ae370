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

void SelfAttention::run(std::span<float> x, std::size_t rows,
                        std::size_t position, std::span<float> memory,
                        std::span<float> scratch,
                        std::span<float> out) const noexcept {
  const std::size_t width = shape_.width;
  float* keys = memory.data();
  float* values = keys + shape_.keys();
  float* qkv = scratch.data();
  float* scores = qkv + rows * 3 * width;
  in_.apply(x, rows, scratch);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* q = qkv + r * 3 * width;
    kernels::attention_store(shape_, position + r, q + width, q + 2 * width,
                             keys, values);
    kernels::attention_row(shape_, q, keys, values, position + r + 1, scores,
                           x.data() + r * width);
  }
  out_.apply(x, rows, out);
}

}  // namespace ensue::runtime
