// SPDX-License-Identifier: Apache-2.0
// Low-rank adapters of matrices that are otherwise left as they are.
#pragma once

#include <cstdint>
#include <vector>

#include "ensue/nn/parameter.h"

namespace ensue::nn {

/// W = base + up down of every adapted matrix W [out, in]; up [out, rank]
/// starts at zero, down [rank, in] at random, and only those two are learnt.
/// The gradient of W gives theirs exactly: d up = dW down^T, d down = up^T dW.
/// Nothing of it is left in an artifact: W itself is written.
/// Source: LoRA, Hu et al. 2021, arXiv:2106.09685, with a scale of 1.
class Adapters {
 public:
  /// @param adapted  [out, in] each; must outlive it. Their present values are
  ///   the bases.
  /// @throws Error(kInvalidArgument) on a rank below 1.
  Adapters(const ParameterList& adapted, int rank, std::uint64_t seed);

  /// What is learnt, named "<W>.up" and "<W>.down".
  const Parameters& parameters() const noexcept { return parameters_; }

  /// After backward(): from the gradients of the matrices, which are cleared,
  /// to those of the adapters.
  void pull();
  /// After a step: the matrices become what the adapters say.
  void push();

 private:
  struct Matrix {
    Parameter* whole;
    at::Tensor base;
    Parameter *up, *down;
  };
  Parameters parameters_;
  std::vector<Matrix> matrices_;
};

}  // namespace ensue::nn
