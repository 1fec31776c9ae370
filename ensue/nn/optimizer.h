// SPDX-License-Identifier: Apache-2.0
// Adam, AdamW and SGD over the parameters of a model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/kernels/adam.h"
#include "ensue/nn/parameter.h"

namespace ensue::nn {

struct OptimizerOptions {
  std::string kind = "adam";  // adam, adamw, sgd
  double weight_decay = 0;    // adamw: decoupled; sgd: L2; adam: none
  double momentum = 0.9;      // sgd
  double clip_norm = 0;       // largest norm over all parameters; 0: none
};

/// Steps and clears gradients. Rows of a table without a gradient are left
/// alone, moments too (as torch's SparseAdam does), so a step costs what the
/// batch touched.
class Optimizer {
 public:
  /// @throws Error(kInvalidArgument) for an unknown kind or a negative number.
  Optimizer(const Parameters& parameters, OptimizerOptions options)
      : Optimizer(all_of(parameters), std::move(options)) {}
  Optimizer(ParameterList parameters, OptimizerOptions options);

  /// One step; returns the gradient norm before clipping. A norm that is not
  /// finite changes nothing but clears the gradients.
  double step(double learning_rate);

  /// Steps made, and per parameter the moments (adam: first and second; sgd:
  /// the momentum buffer), for checkpoints.
  std::int64_t steps() const noexcept { return steps_; }
  void set_steps(std::int64_t steps) noexcept { steps_ = steps; }
  std::vector<std::vector<float>> moments() const;
  /// @throws Error(kCorrupt) unless they are as many and as long as moments().
  void set_moments(const std::vector<std::vector<float>>& moments);

 private:
  kernels::AdamStep adam_step(double rate, double scale) const;
  void update(std::size_t place, double rate, double scale);
  void update_portable(std::size_t place, double rate, double scale);

  ParameterList parameters_;
  OptimizerOptions options_;
  std::int64_t steps_ = 0;
  // Shaped and placed as their parameter; adam: two each; sgd: one.
  std::vector<at::Tensor> moments_;
};

/// The step size at `progress` in (0, 1] through training: both schedules rise
/// linearly over the first `warmup` share, then "constant" stays and "cosine"
/// falls along half a cosine to 0.
/// @throws Error(kInvalidArgument) for an unknown schedule.
double learning_rate_at(std::string_view schedule, double highest,
                        double warmup, double progress);

}  // namespace ensue::nn
