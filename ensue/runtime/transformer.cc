// SPDX-License-Identifier: Apache-2.0
// The layers transformer and bidirectional_transformer. Memory: re-encoded, the
// keys and values of the events of the segment, of which the latter keeps none.
#include <algorithm>

#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/affine.h"
#include "ensue/runtime/internal/blocks.h"
#include "ensue/runtime/internal/self_attention.h"

namespace ensue::runtime {
namespace {

class Transformer final : public Layer {
 public:
  Transformer(const BlockSource& source, bool causal) : causal_(causal) {
    const auto config = source.config<artifact::TransformerConfig>();
    hidden_ = source.size("hidden", config.hidden);
    source.require(
        config.activation == "relu" || config.activation == "gelu",
        "activation is '" + config.activation + "', expected relu or gelu");
    gelu_ = config.activation == "gelu";
    source.require(config.norm == "pre" || config.norm == "post",
                   "norm is '" + config.norm + "', expected pre or post");
    post_ = config.norm == "post";
    attention_ = SelfAttention(source, config, causal);
    norm1_ = Norm(source, "norm1", config.width);
    norm2_ = Norm(source, "norm2", config.width);
    up_ = dense(source, "ffn.in", config.hidden, config.width);
    down_ = dense(source, "ffn.out", config.width, config.hidden);
  }
  std::size_t inputs() const noexcept override { return attention_.width(); }
  std::size_t outputs() const noexcept override { return attention_.width(); }
  std::size_t window() const noexcept override { return attention_.window(); }
  bool causal() const noexcept override { return causal_; }
  std::size_t memory() const noexcept override {
    return causal_ ? attention_.memory() : 0;
  }
  std::size_t scratch(std::size_t rows) const noexcept override {
    return rows * inputs() +
           std::max(attention_.scratch(rows), rows * hidden_) +
           (causal_ ? 0 : attention_.memory());
  }

  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept override {
    const std::size_t all = steps.size() * inputs();
    if (!causal_) {
      memory = scratch.first(attention_.memory());
      scratch = scratch.subspan(memory.size());
    }
    const auto row_scratch = scratch.first(all);
    const auto wide = scratch.subspan(all);
    if (post_) {
      std::copy_n(x.begin(), all, row_scratch.begin());
    } else {
      norm1_.apply(x, steps.size(), row_scratch);
    }
    attention_.run(row_scratch, steps, memory, wide, out);
    const std::size_t idle = steps.idle() * inputs();
    feed_forward(x.subspan(idle, all - idle), wide, row_scratch,
                 out.subspan(idle, all - idle));
  }

 private:
  // out = x + out, then the second half of the layer; all [rows, width].
  void feed_forward(std::span<const float> x, std::span<float> wide,
                    std::span<float> row_scratch,
                    std::span<float> out) const noexcept {
    const std::size_t rows = out.size() / inputs();
    if (rows == 0) return;
    kernels::add_row(x, out);
    (post_ ? norm1_ : norm2_).apply(out, rows, row_scratch);
    if (post_) std::copy_n(row_scratch.begin(), out.size(), out.begin());
    up_.apply(row_scratch, rows, wide);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto row = wide.subspan(r * hidden_, hidden_);
      gelu_ ? kernels::gelu_row(row) : kernels::relu_row(row);
    }
    down_.apply(wide, rows, row_scratch);
    kernels::add_row(row_scratch.first(out.size()), out);
    if (post_) norm2_.apply(out, rows, out);
  }

  std::size_t hidden_ = 0;
  bool causal_, gelu_ = true, post_ = false;
  SelfAttention attention_;
  Norm norm1_, norm2_;
  kernels::PackedLinear up_, down_;
};

}  // namespace

std::unique_ptr<const Layer> make_transformer(const BlockSource& source) {
  return std::make_unique<Transformer>(source, /*causal=*/true);
}

std::unique_ptr<const Layer> make_bidirectional_transformer(
    const BlockSource& source) {
  return std::make_unique<Transformer>(source, /*causal=*/false);
}

}  // namespace ensue::runtime
