// SPDX-License-Identifier: Apache-2.0
// The layer hstu: gated pointwise attention, pre-norm.
#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/affine.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/pointwise_attention.h"

namespace ensue::nn {
namespace {

// As in the authors' code.
constexpr double kBiasDeviation = 0.02;

class Hstu : public Block {
 public:
  Hstu(const artifact::HstuConfig& config, Scope& scope)
      : width_(config.width),
        heads_(config.heads),
        norm1_(Affine::norm(scope, "norm1", width_)),
        in_(Affine::dense(scope, "in", width_, 4 * width_)),
        norm2_(Affine::norm(scope, "norm2", width_)),
        out_(Affine::dense(scope, "out", width_, width_)),
        dropout_{config.dropout, scope.make_site()} {
    const Init init = Init::normal(kBiasDeviation);
    bias_.position = &scope.make("position", {config.window}, init);
    if (config.time_buckets > 0) {
      bias_.time = &scope.make("time", {config.time_buckets}, init);
    }
  }

  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    const at::Tensor uvqk = at::silu(in_.product(norm1_.normed(x)));
    const at::Tensor mixed =
        norm2_.normed(pointwise_attention(uvqk, pass.batch, heads_, bias_));
    const at::Tensor gated = mixed * uvqk.narrow(1, 0, width_);
    return residual(dropout_.after(out_, gated, x, pass));
  }

 private:
  std::int64_t width_;
  int heads_;
  Affine norm1_, in_, norm2_, out_;
  DropoutPlace dropout_;
  PairBias bias_;
};

void check(const artifact::HstuConfig& config) {
  if (config.heads < 1 || config.width % config.heads != 0) {
    invalid("hstu.heads: " + std::to_string(config.heads) +
            ", expected a divisor of the width " +
            std::to_string(config.width));
  }
  if (config.window < 1) {
    invalid("hstu.window: " + std::to_string(config.window) +
            ", expected at least 1");
  }
  if (config.time_buckets < 0) {
    invalid("hstu.time_buckets: " + std::to_string(config.time_buckets) +
            ", expected 0 or more");
  }
  check_rate("hstu.dropout", config.dropout);
}

}  // namespace

MadeBlock make_hstu(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::HstuConfig config;
  read_fields(config, json, "hstu");
  check(config);
  return std::make_unique<Hstu>(config, scope);
}

}  // namespace ensue::nn
