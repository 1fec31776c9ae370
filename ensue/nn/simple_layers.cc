// SPDX-License-Identifier: Apache-2.0
// The layers layer_norm, linear and dropout: one op each.
#include <cmath>
#include <functional>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

using Forward = std::function<at::Tensor(const at::Tensor&, const Pass&)>;

class SimpleLayer : public Block {
 public:
  explicit SimpleLayer(Forward forward) : forward_(std::move(forward)) {}
  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    return forward_(x, pass);
  }

 private:
  Forward forward_;
};

MadeBlock layer(Forward forward) {
  return std::make_unique<SimpleLayer>(std::move(forward));
}

}  // namespace

void check_rate(const std::string& where, double rate) {
  if (rate >= 0 && rate < 1) return;
  invalid(where + ": " + std::to_string(rate) +
          ", expected a share of at least 0 and below 1");
}

MadeBlock make_layer_norm(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::LayerNormConfig config;
  read_fields(config, json, "layer_norm");
  Parameter& weight = scope.make("weight", {config.width}, Init::one());
  Parameter& bias = scope.make("bias", {config.width}, Init::zero());
  return layer([&weight, &bias](const at::Tensor& x, const Pass&) {
    return layer_norm(x, weight, bias);
  });
}

MadeBlock make_linear(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::LinearConfig config;
  read_fields(config, json, "linear");
  const Init init = Init::uniform(1 / std::sqrt(config.inputs));
  Parameter& weight =
      scope.make("weight", {config.outputs, config.inputs}, init);
  Parameter& bias = scope.make("bias", {config.outputs}, Init::zero());
  return layer([&weight, &bias](const at::Tensor& x, const Pass&) {
    return linear(x, weight, bias);
  });
}

MadeBlock make_dropout(const JsonObject& json, const Sizes&, Scope& scope) {
  artifact::DropoutConfig config;
  read_fields(config, json, "dropout");
  check_rate("dropout.rate", config.rate);
  const std::uint64_t site = scope.make_site();
  return layer(
      [rate = config.rate, site](const at::Tensor& x, const Pass& pass) {
        if (!pass.training || rate == 0) return x;
        return dropout(x, at::Tensor(), {rate, pass.seed, pass.step, site});
      });
}

}  // namespace ensue::nn
