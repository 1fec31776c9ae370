// SPDX-License-Identifier: Apache-2.0
// The layer transformer. Memory: re-encoded, the keys and values of the events
// of the segment.
#include <algorithm>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/attention_row.h"
#include "ensue/kernels/packed_linear.h"
#include "ensue/kernels/rows.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

struct Norm {
  std::span<const float> weight, bias;

  Norm() = default;
  Norm(const BlockSource& source, const std::string& name, std::int64_t width)
      : weight(source.floats(name + ".weight", {width})),
        bias(source.floats(name + ".bias", {width})) {}
  void apply(std::span<const float> x, std::size_t rows,
             std::span<float> out) const noexcept {
    const std::size_t width = weight.size();
    for (std::size_t r = 0; r < rows; ++r) {
      kernels::layer_norm_row(x.subspan(r * width, width), weight, bias,
                              out.subspan(r * width, width));
    }
  }
};

kernels::PackedLinear dense(const BlockSource& source, const std::string& name,
                            std::int64_t outputs, std::int64_t inputs) {
  return {source.floats(name + ".weight", {outputs, inputs}),
          source.floats(name + ".bias", {outputs}),
          static_cast<std::size_t>(outputs), static_cast<std::size_t>(inputs)};
}

class Transformer final : public Layer {
 public:
  explicit Transformer(const BlockSource& source) {
    const auto config = source.config<artifact::TransformerConfig>();
    shape_ = {.width = source.size("width", config.width),
              .heads = source.size("heads", config.heads),
              .window = source.size("window", config.window)};
    hidden_ = source.size("hidden", config.hidden);
    source.require(shape_.width % shape_.heads == 0,
                   "width " + std::to_string(config.width) +
                       " is no multiple of heads " +
                       std::to_string(config.heads));
    source.require(
        config.activation == "relu" || config.activation == "gelu",
        "activation is '" + config.activation + "', expected relu or gelu");
    gelu_ = config.activation == "gelu";
    const std::int64_t w = config.width;
    norm1_ = Norm(source, "norm1", w);
    in_ = dense(source, "attention.in", 3 * w, w);
    out_ = dense(source, "attention.out", w, w);
    norm2_ = Norm(source, "norm2", w);
    up_ = dense(source, "ffn.in", config.hidden, w);
    down_ = dense(source, "ffn.out", w, config.hidden);
  }
  std::size_t inputs() const noexcept override { return shape_.width; }
  std::size_t outputs() const noexcept override { return shape_.width; }
  std::size_t window() const noexcept override { return shape_.window; }
  std::size_t memory() const noexcept override {
    return shape_.keys() + shape_.values();
  }
  std::size_t scratch(std::size_t rows) const noexcept override {
    const std::size_t widest = std::max(3 * shape_.width, hidden_);
    return rows * (shape_.width + widest) + shape_.stride();
  }

  void run(std::span<const float> x, std::size_t rows, std::size_t position,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept override {
    const std::size_t floats = rows * shape_.width;
    const auto row_scratch = scratch.first(floats);
    const auto wide = scratch.subspan(floats);
    norm1_.apply(x, rows, row_scratch);
    in_.apply(row_scratch, rows, wide);
    attend(wide, rows, position, memory, row_scratch);
    out_.apply(row_scratch, rows, out);
    kernels::add_row(x.first(floats), out);

    norm2_.apply(out, rows, row_scratch);
    up_.apply(row_scratch, rows, wide);
    for (std::size_t r = 0; r < rows; ++r) {
      const auto row = wide.subspan(r * hidden_, hidden_);
      gelu_ ? kernels::gelu_row(row) : kernels::relu_row(row);
    }
    down_.apply(wide, rows, row_scratch);
    kernels::add_row(row_scratch, out.first(floats));
  }

 private:
  // `qkv` [rows, 3 width], then the scratch of attention; `out` [rows, width].
  void attend(std::span<float> qkv, std::size_t rows, std::size_t position,
              std::span<float> memory, std::span<float> out) const noexcept {
    const std::size_t width = shape_.width;
    float* keys = memory.data();
    float* values = keys + shape_.keys();
    float* scores = qkv.data() + qkv.size() - shape_.stride();
    for (std::size_t r = 0; r < rows; ++r) {
      const float* q = qkv.data() + r * 3 * width;
      kernels::attention_store(shape_, position + r, q + width, q + 2 * width,
                               keys, values);
      kernels::attention_row(shape_, q, keys, values, position + r + 1, scores,
                             out.data() + r * width);
    }
  }

  kernels::AttentionShape shape_;
  std::size_t hidden_ = 0;
  bool gelu_ = true;
  Norm norm1_, norm2_;
  kernels::PackedLinear in_, out_, up_, down_;
};

}  // namespace

std::unique_ptr<const Layer> make_transformer(const BlockSource& source) {
  return std::make_unique<Transformer>(source);
}

}  // namespace ensue::runtime
