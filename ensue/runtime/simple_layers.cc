// SPDX-License-Identifier: Apache-2.0
// The layers without memory: layer_norm, linear, dropout.
#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/packed_linear.h"
#include "ensue/kernels/rows.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

class LayerNorm final : public Layer {
 public:
  explicit LayerNorm(const BlockSource& source) {
    const auto config = source.config<artifact::LayerNormConfig>();
    source.size("width", config.width);
    weight_ = source.floats("weight", {config.width});
    bias_ = source.floats("bias", {config.width});
  }
  std::size_t inputs() const noexcept override { return weight_.size(); }
  std::size_t outputs() const noexcept override { return weight_.size(); }
  std::size_t reach() const noexcept override { return 1; }
  std::size_t scratch(std::size_t) const noexcept override { return 0; }
  void run(std::span<const float> x, const Steps& steps, std::span<float>,
           std::span<float>, std::span<float> out) const noexcept override {
    const std::size_t width = weight_.size();
    for (std::size_t r = 0; r < steps.size(); ++r) {
      kernels::layer_norm_row(x.subspan(r * width, width), weight_, bias_,
                              out.subspan(r * width, width));
    }
  }

 private:
  std::span<const float> weight_, bias_;
};

class Linear final : public Layer {
 public:
  explicit Linear(const BlockSource& source) {
    const auto config = source.config<artifact::LinearConfig>();
    const std::size_t inputs = source.size("inputs", config.inputs);
    const std::size_t outputs = source.size("outputs", config.outputs);
    product_ = {source.floats("weight", {config.outputs, config.inputs}),
                source.floats("bias", {config.outputs}), outputs, inputs};
  }
  std::size_t inputs() const noexcept override { return product_.inputs(); }
  std::size_t outputs() const noexcept override { return product_.outputs(); }
  std::size_t reach() const noexcept override { return 1; }
  std::size_t scratch(std::size_t) const noexcept override { return 0; }
  void run(std::span<const float> x, const Steps& steps, std::span<float>,
           std::span<float>, std::span<float> out) const noexcept override {
    product_.apply(x, steps.size(), out);
  }

 private:
  kernels::PackedLinear product_;
};

}  // namespace

std::unique_ptr<const Layer> make_layer_norm(const BlockSource& source) {
  return std::make_unique<LayerNorm>(source);
}

std::unique_ptr<const Layer> make_linear(const BlockSource& source) {
  return std::make_unique<Linear>(source);
}

std::unique_ptr<const Layer> make_dropout(const BlockSource& source) {
  source.config<artifact::DropoutConfig>();
  return nullptr;
}

}  // namespace ensue::runtime
