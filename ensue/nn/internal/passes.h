// SPDX-License-Identifier: Apache-2.0
// A matrix product and a norm, forward and back, for ops that put more into the
// same pass over the rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "ensue/kernels/train_rows.h"
#include "ensue/nn/parameter.h"

namespace ensue::nn {

/// x weight^T, without a bias.
class LinearPass {
 public:
  LinearPass(const at::Tensor& x, Parameter& weight);
  at::Tensor forward() const;
  /// Adds to the weight's gradient; returns that of x.
  at::Tensor back(const at::Tensor& slope) const;

 private:
  at::Tensor kept_;  // in the weight's precision
  Parameter& weight_;
};

/// layer_norm() of rows that are made while it runs.
class NormPass {
 public:
  static constexpr float kEpsilon = 1e-5F;
  NormPass(std::int64_t rows, Parameter& weight, Parameter& bias);

  /// Called for a few rows at a time, on many threads.
  using Rows = std::function<void(std::int64_t first, std::int64_t rows)>;

  /// The norm of `x`, whose rows `make` fills in just before they are read.
  at::Tensor forward(const at::Tensor& x, const Rows& make);
  /// Adds to the parameters' gradients; `dx` becomes the gradient of x. `then`
  /// is called for rows of dx that are there.
  void back(const at::Tensor& x, const at::Tensor& grad, const at::Tensor& dx,
            const Rows& then) const;

 private:
  Parameter& weight_;
  Parameter& bias_;
  std::vector<kernels::RowMoments> moments_;
};

}  // namespace ensue::nn
