// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/autograd.h"

#include <memory>
#include <utility>

namespace ensue::nn {
namespace {

using torch::autograd::variable_list;

struct Step : torch::autograd::Node {
  Backward backward;

  variable_list apply(variable_list&& grads) override {
    if (!grads[0].defined()) return variable_list(num_outputs());
    const at::NoGradGuard no_grad;
    return backward(grads[0].contiguous());
  }
  void release_variables() override { backward = nullptr; }
};

}  // namespace

at::Tensor record(at::Tensor out, const std::vector<at::Tensor>& inputs,
                  Backward backward) {
  if (!at::GradMode::is_enabled()) return out;
  const std::shared_ptr<Step> step(new Step, torch::autograd::deleteNode);
  step->backward = std::move(backward);
  for (const at::Tensor& input : inputs) {
    step->add_next_edge(torch::autograd::impl::gradient_edge(input));
  }
  torch::autograd::set_history(out, step);
  return out;
}

}  // namespace ensue::nn
