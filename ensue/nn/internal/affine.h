// SPDX-License-Identifier: Apache-2.0
// Parts that layers are made of.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "ensue/nn/block.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {

/// Weight and bias of a matrix product or of a norm.
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

  at::Tensor product(const at::Tensor& x) const {
    return linear(x, *weight, *bias);
  }
  at::Tensor gelu(const at::Tensor& x) const {
    return linear_gelu(x, *weight, *bias);
  }
  at::Tensor relu(const at::Tensor& x) const {
    return linear_relu(x, *weight, *bias);
  }
  at::Tensor normed(const at::Tensor& x) const {
    return layer_norm(x, *weight, *bias);
  }
};

/// One place where training drops units.
struct DropoutPlace {
  double rate;
  std::uint64_t site;

  bool on(const Pass& pass) const { return pass.training && rate > 0; }
  at::Tensor drop(const at::Tensor& x, const Pass& pass) const {
    return on(pass) ? dropout(x, at::Tensor(), key(pass)) : x;
  }
  /// base + drop(x).
  at::Tensor add(const at::Tensor& base, const at::Tensor& x,
                 const Pass& pass) const {
    return on(pass) ? dropout(x, base, key(pass)) : base + x;
  }
  /// base + drop(layer.product(x)), for residual() and residual_norm().
  Residual after(const Affine& layer, const at::Tensor& x,
                 const at::Tensor& base, const Pass& pass) const {
    return {x, *layer.weight, *layer.bias, base, key(pass)};
  }

 private:
  DropoutSite key(const Pass& pass) const {
    return {on(pass) ? rate : 0, pass.seed, pass.step, site};
  }
};

}  // namespace ensue::nn
