// SPDX-License-Identifier: Apache-2.0
// The layers transformer and bidirectional_transformer: attention, then
// feed-forward.
#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/affine.h"
#include "ensue/nn/internal/makers.h"

namespace ensue::nn {
namespace {

class Transformer : public Block {
 public:
  Transformer(const artifact::TransformerConfig& config, bool causal,
              Scope& scope)
      : config_(config),
        causal_(causal),
        norm1_(Affine::norm(scope, "norm1", config.width)),
        in_(Affine::dense(scope, "attention.in", config.width,
                          3 * std::int64_t{config.width})),
        out_(Affine::dense(scope, "attention.out", config.width, config.width)),
        norm2_(Affine::norm(scope, "norm2", config.width)),
        up_(Affine::dense(scope, "ffn.in", config.width, config.hidden)),
        down_(Affine::dense(scope, "ffn.out", config.hidden, config.width)),
        dropout1_{config.dropout, scope.make_site()},
        dropout2_{config.dropout, scope.make_site()} {}

  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    const bool post = config_.norm == "post";
    const at::Tensor qkv = in_.product(post ? x : norm1_.normed(x));
    const auto attend = causal_ ? causal_attention : bidirectional_attention;
    const at::Tensor mixed = attend(qkv, pass.batch, config_.heads);
    const Affine& between = post ? norm1_ : norm2_;
    const auto [y, z] = residual_norm(dropout1_.after(out_, mixed, x, pass),
                                      *between.weight, *between.bias);
    const at::Tensor bent =
        config_.activation == "relu" ? up_.relu(z) : up_.gelu(z);
    if (!post) return residual(dropout2_.after(down_, bent, y, pass));
    return residual_norm(dropout2_.after(down_, bent, z, pass), *norm2_.weight,
                         *norm2_.bias)
        .normed;
  }

  int window() const noexcept override { return config_.window; }
  bool causal() const noexcept override { return causal_; }

 private:
  artifact::TransformerConfig config_;
  bool causal_;
  Affine norm1_, in_, out_, norm2_, up_, down_;
  DropoutPlace dropout1_, dropout2_;
};

void check(const std::string& where,
           const artifact::TransformerConfig& config) {
  if (config.heads < 1 || config.width % config.heads != 0) {
    invalid(where + ".heads: " + std::to_string(config.heads) +
            ", expected a divisor of the width " +
            std::to_string(config.width));
  }
  if (config.activation != "relu" && config.activation != "gelu") {
    invalid(where + ".activation: '" + config.activation +
            "', expected relu or gelu");
  }
  if (config.norm != "pre" && config.norm != "post") {
    invalid(where + ".norm: '" + config.norm + "', expected pre or post");
  }
  if (config.window < 1) {
    invalid(where + ".window: " + std::to_string(config.window) +
            ", expected at least 1");
  }
  check_rate(where + ".dropout", config.dropout);
}

MadeBlock make(const std::string& where, bool causal, const JsonObject& json,
               Scope& scope) {
  artifact::TransformerConfig config;
  read_fields(config, json, where);
  check(where, config);
  return std::make_unique<Transformer>(config, causal, scope);
}

}  // namespace

MadeBlock make_transformer(const JsonObject& json, const Sizes&, Scope& scope) {
  return make("transformer", /*causal=*/true, json, scope);
}

MadeBlock make_bidirectional_transformer(const JsonObject& json, const Sizes&,
                                         Scope& scope) {
  return make("bidirectional_transformer", /*causal=*/false, json, scope);
}

}  // namespace ensue::nn
