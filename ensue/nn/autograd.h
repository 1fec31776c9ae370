// SPDX-License-Identifier: Apache-2.0
// An op with a hand-written gradient, as one node of torch's graph.
#pragma once

#include <functional>
#include <vector>

#include "ensue/nn/torch.h"

namespace ensue::nn {

/// Gets d loss / d out (contiguous), adds to the gradients of the parameters
/// it owns, and returns d loss / d input for every input of record(), in
/// order. Runs once, on the thread that called backward().
using Backward = std::function<std::vector<at::Tensor>(const at::Tensor&)>;

/// Makes the fresh tensor `out` the result of an op on `inputs`. Without grad
/// mode (at::NoGradGuard) nothing is recorded. `backward` may keep `out`
/// itself only as out.detach() taken before this call.
at::Tensor record(at::Tensor out, const std::vector<at::Tensor>& inputs,
                  Backward backward);

/// The same for an op with several results: a gradient is undefined where
/// nothing depends on its result, never all of them.
using BackwardOfAll =
    std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;
std::vector<at::Tensor> record(std::vector<at::Tensor> outs,
                               const std::vector<at::Tensor>& inputs,
                               BackwardOfAll backward);

}  // namespace ensue::nn
