// SPDX-License-Identifier: Apache-2.0
// The layer transformer: causal attention, then feed-forward, pre-norm.
#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

struct Affine {
  Parameter *weight, *bias;

  // Glorot & Bengio 2010: keeps the variance of values and of gradients.
  static Affine dense(Scope& scope, const std::string& name,
                      std::int64_t inputs, std::int64_t outputs) {
    const double bound = std::sqrt(6.0 / static_cast<double>(inputs + outputs));
    return {
        &scope.make(name + ".weight", {outputs, inputs}, Init::uniform(bound)),
        &scope.make(name + ".bias", {outputs}, Init::zero())};
  }
  static Affine norm(Scope& scope, const std::string& name,
                     std::int64_t width) {
    return {&scope.make(name + ".weight", {width}, Init::one()),
            &scope.make(name + ".bias", {width}, Init::zero())};
  }
};

class Transformer : public Block {
 public:
  Transformer(const artifact::TransformerConfig& config, Scope& scope)
      : config_(config),
        norm1_(Affine::norm(scope, "norm1", config.width)),
        in_(Affine::dense(scope, "attention.in", config.width,
                          3 * std::int64_t{config.width})),
        out_(Affine::dense(scope, "attention.out", config.width, config.width)),
        norm2_(Affine::norm(scope, "norm2", config.width)),
        up_(Affine::dense(scope, "ffn.in", config.width, config.hidden)),
        down_(Affine::dense(scope, "ffn.out", config.hidden, config.width)),
        site1_(scope.make_site()),
        site2_(scope.make_site()) {}

  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    const at::Tensor qkv = apply(in_, normed(norm1_, x));
    const at::Tensor mixed =
        apply(out_, causal_attention(qkv, pass.batch, config_.heads));
    const at::Tensor y = join(x, mixed, site1_, pass);
    const at::Tensor z = normed(norm2_, y);
    const at::Tensor bent = config_.activation == "relu"
                                ? linear_relu(z, *up_.weight, *up_.bias)
                                : at::gelu(apply(up_, z));
    return join(y, apply(down_, bent), site2_, pass);
  }

  int window() const noexcept override { return config_.window; }

 private:
  static at::Tensor apply(const Affine& a, const at::Tensor& x) {
    return linear(x, *a.weight, *a.bias);
  }
  static at::Tensor normed(const Affine& a, const at::Tensor& x) {
    return layer_norm(x, *a.weight, *a.bias);
  }
  at::Tensor join(const at::Tensor& base, const at::Tensor& x,
                  std::uint64_t site, const Pass& pass) const {
    if (!pass.training || config_.dropout == 0) return base + x;
    return dropout(x, base, {config_.dropout, pass.seed, pass.step, site});
  }

  artifact::TransformerConfig config_;
  Affine norm1_, in_, out_, norm2_, up_, down_;
  std::uint64_t site1_, site2_;
};

void check(const artifact::TransformerConfig& config) {
  if (config.heads < 1 || config.width % config.heads != 0) {
    invalid("transformer.heads: " + std::to_string(config.heads) +
            ", expected a divisor of the width " +
            std::to_string(config.width));
  }
  if (config.activation != "relu" && config.activation != "gelu") {
    invalid("transformer.activation: '" + config.activation +
            "', expected relu or gelu");
  }
  if (config.window < 1) {
    invalid("transformer.window: " + std::to_string(config.window) +
            ", expected at least 1");
  }
  check_rate("transformer.dropout", config.dropout);
}

}  // namespace

MadeBlock make_transformer(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::TransformerConfig config;
  read_fields(config, json, "transformer");
  check(config);
  return std::make_unique<Transformer>(config, scope);
}

}  // namespace ensue::nn
