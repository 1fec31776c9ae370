// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/autograd.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace ensue::nn {
namespace {

using torch::autograd::variable_list;

struct Step : torch::autograd::Node {
  BackwardOfAll backward;

  variable_list apply(variable_list&& grads) override {
    bool any = false;
    for (at::Tensor& grad : grads) {
      if (!grad.defined()) continue;
      grad = grad.contiguous();
      any = true;
    }
    if (!any) return variable_list(num_outputs());
    const at::NoGradGuard no_grad;
    return backward(grads);
  }
  void release_variables() override { backward = nullptr; }
};

}  // namespace

std::vector<at::Tensor> record(std::vector<at::Tensor> outs,
                               const std::vector<at::Tensor>& inputs,
                               BackwardOfAll backward) {
  if (!at::GradMode::is_enabled()) return outs;
  const std::shared_ptr<Step> step(new Step, torch::autograd::deleteNode);
  step->backward = std::move(backward);
  for (const at::Tensor& input : inputs) {
    step->add_next_edge(torch::autograd::impl::gradient_edge(input));
  }
  torch::autograd::set_history(outs, step);
  return outs;
}

at::Tensor record(at::Tensor out, const std::vector<at::Tensor>& inputs,
                  Backward backward) {
  return record(
      std::vector<at::Tensor>{std::move(out)}, inputs,
      [backward = std::move(backward)](const std::vector<at::Tensor>& grads) {
        return backward(grads[0]);
      })[0];
}

}  // namespace ensue::nn
