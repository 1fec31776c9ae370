// SPDX-License-Identifier: Apache-2.0
// The layer causal_conv: two dilated causal convolutions with a residual.
#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/affine.h"
#include "ensue/nn/internal/makers.h"

namespace ensue::nn {
namespace {

class CausalConv : public Block {
 public:
  CausalConv(const artifact::CausalConvConfig& config, Scope& scope)
      : first_(config, config.dilation, "1", scope),
        second_(config, 2 * config.dilation, "2", scope),
        dropout_{config.dropout, scope.make_site()} {}

  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    const at::Tensor middle = first_.apply(x, pass.batch);
    return dropout_.add(x, second_.apply(middle, pass.batch), pass);
  }

 private:
  struct Half {
    Taps taps;
    Affine conv, norm;

    Half(const artifact::CausalConvConfig& config, int dilation,
         const std::string& number, Scope& scope)
        : taps{config.kernel, dilation},
          conv(Affine::dense(scope, "conv" + number,
                             std::int64_t{config.kernel} * config.width,
                             config.width)),
          norm(Affine::norm(scope, "norm" + number, config.width)) {}
    at::Tensor apply(const at::Tensor& x, const Packed& batch) const {
      return at::relu(norm.normed(conv.product(causal_taps(x, batch, taps))));
    }
  };

  Half first_, second_;
  DropoutPlace dropout_;
};

void check(const artifact::CausalConvConfig& config) {
  const auto at_least = [](const char* name, int value, int least) {
    if (value >= least) return;
    invalid(std::string("causal_conv.") + name + ": " + std::to_string(value) +
            ", expected at least " + std::to_string(least));
  };
  at_least("width", config.width, 1);
  at_least("kernel", config.kernel, 2);
  at_least("dilation", config.dilation, 1);
  check_rate("causal_conv.dropout", config.dropout);
}

}  // namespace

MadeBlock make_causal_conv(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::CausalConvConfig config;
  read_fields(config, json, "causal_conv");
  check(config);
  return std::make_unique<CausalConv>(config, scope);
}

}  // namespace ensue::nn
