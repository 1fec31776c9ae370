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
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t place = steps.position + r;
    const float* q = qkv + r * 3 * width;
    kernels::attention_store(shape_, place, q + width, q + 2 * width, keys,
                             values);
    if (r < steps.idle()) continue;
    kernels::attention_row(shape_, q, keys, values, place + 1, scores,
                           x.data() + r * width);
  }
  const std::size_t idle = steps.idle() * width;
  out_.apply(x.subspan(idle), rows - steps.idle(), out.subspan(idle));
}

}  // namespace ensue::runtime
