// SPDX-License-Identifier: Apache-2.0
// The layer transformer. Memory: re-encoded, the keys and values of the events
// of the segment.
#include <algorithm>

#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/affine.h"
#include "ensue/runtime/internal/blocks.h"
#include "ensue/runtime/internal/self_attention.h"

namespace ensue::runtime {
namespace {

class Transformer final : public Layer {
 public:
  explicit Transformer(const BlockSource& source) {
    const auto config = source.config<artifact::TransformerConfig>();
    hidden_ = source.size("hidden", config.hidden);
    source.require(
        config.activation == "relu" || config.activation == "gelu",
        "activation is '" + config.activation + "', expected relu or gelu");
    gelu_ = config.activation == "gelu";
    source.require(config.norm == "pre" || config.norm == "post",
                   "norm is '" + config.norm + "', expected pre or post");
    post_ = config.norm == "post";
    attention_ = SelfAttention(source, config);
    norm1_ = Norm(source, "norm1", config.width);
    norm2_ = Norm(source, "norm2", config.width);
    up_ = dense(source, "ffn.in", config.hidden, config.width);
    down_ = dense(source, "ffn.out", config.width, config.hidden);
  }
  std::size_t inputs() const noexcept override { return attention_.width(); }
  std::size_t outputs() const noexcept override { return attention_.width(); }
  std::size_t window() const noexcept override { return attention_.window(); }
  std::size_t memory() const noexcept override { return attention_.memory(); }
  std::size_t scratch(std::size_t rows) const noexcept override {
    return rows * inputs() + std::max(attention_.scratch(rows), rows * hidden_);
  }

  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept override {
    const std::size_t rows = steps.size(), floats = rows * inputs();
    const auto row_scratch = scratch.first(floats);
    const auto wide = scratch.subspan(floats);
    if (post_) {
      std::copy_n(x.begin(), floats, row_scratch.begin());
    } else {
      norm1_.apply(x, rows, row_scratch);
    }
    attention_.run(row_scratch, rows, steps.position, memory, wide, out);
    kernels::add_row(x.first(floats), out);

    (post_ ? norm1_ : norm2_).apply(out, rows, row_scratch);
    if (post_) std::copy_n(row_scratch.begin(), floats, out.begin());
    up_.apply(row_scratch, rows, wide);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto row = wide.subspan(r * hidden_, hidden_);
      gelu_ ? kernels::gelu_row(row) : kernels::relu_row(row);
    }
    down_.apply(wide, rows, row_scratch);
    kernels::add_row(row_scratch, out.first(floats));
    if (post_) norm2_.apply(out, rows, out);
  }

 private:
  std::size_t hidden_ = 0;
  bool gelu_ = true, post_ = false;
  SelfAttention attention_;
  Norm norm1_, norm2_;
  kernels::PackedLinear up_, down_;
};

}  // namespace

std::unique_ptr<const Layer> make_transformer(const BlockSource& source) {
  return std::make_unique<Transformer>(source);
}

}  // namespace ensue::runtime
