// SPDX-License-Identifier: Apache-2.0
// The layer ligr: attention and SwiGLU feed-forward behind learnt gates.
#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/affine.h"
#include "ensue/nn/internal/makers.h"

namespace ensue::nn {
namespace {

class Ligr : public Block {
 public:
  Ligr(const artifact::LigrConfig& config, Scope& scope)
      : config_(config),
        norm1_(Affine::norm(scope, "norm1", config.width)),
        in_(Affine::dense(scope, "attention.in", config.width,
                          3 * std::int64_t{config.width})),
        out_(Affine::dense(scope, "attention.out", config.width, config.width)),
        gate1_(Affine::dense(scope, "gate1", config.width, config.width)),
        norm2_(Affine::norm(scope, "norm2", config.width)),
        up_(Affine::dense(scope, "ffn.in", config.width,
                          2 * std::int64_t{config.hidden})),
        down_(Affine::dense(scope, "ffn.out", config.hidden, config.width)),
        gate2_(Affine::dense(scope, "gate2", config.width, config.width)),
        dropout1_{config.dropout, scope.make_site()},
        dropout2_{config.dropout, scope.make_site()} {}

  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    const at::Tensor qkv = in_.product(norm1_.normed(x));
    const at::Tensor mixed =
        out_.product(causal_attention(qkv, pass.batch, config_.heads));
    const at::Tensor y =
        gated_add(gate1_.product(x), dropout1_.drop(mixed, pass), x);
    const at::Tensor bent = swiglu(up_.product(norm2_.normed(y)));
    return gated_add(gate2_.product(y),
                     dropout2_.drop(down_.product(bent), pass), y);
  }

  int window() const noexcept override { return config_.window; }

 private:
  artifact::LigrConfig config_;
  Affine norm1_, in_, out_, gate1_, norm2_, up_, down_, gate2_;
  DropoutPlace dropout1_, dropout2_;
};

void check(const artifact::LigrConfig& config) {
  if (config.heads < 1 || config.width % config.heads != 0) {
    invalid("ligr.heads: " + std::to_string(config.heads) +
            ", expected a divisor of the width " +
            std::to_string(config.width));
  }
  if (config.window < 1) {
    invalid("ligr.window: " + std::to_string(config.window) +
            ", expected at least 1");
  }
  check_rate("ligr.dropout", config.dropout);
}

}  // namespace

MadeBlock make_ligr(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::LigrConfig config;
  read_fields(config, json, "ligr");
  check(config);
  return std::make_unique<Ligr>(config, scope);
}

}  // namespace ensue::nn
