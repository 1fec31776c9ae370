// SPDX-License-Identifier: Apache-2.0
// Departure: the negatives are drawn once for a batch, as ours are; the
// authors draw them for every position, which costs this recipe 128 gathered
// rows a token.
#include <torch/torch.h>

#include <cmath>
#include <string>
#include <vector>

#include "bench/peers/padded.h"
#include "bench/peers/peers.h"

namespace ensue::peers {
namespace {

namespace nn = torch::nn;
using torch::Tensor;

struct Unit : nn::Module {
  explicit Unit(const HstuRecipe& r)
      : recipe(r),
        in(register_module(
            "in",
            nn::Linear(nn::LinearOptions(r.width, 4 * r.width).bias(false)))),
        out(register_module("out", nn::Linear(r.width, r.width))),
        norm1(register_module("norm1",
                              nn::LayerNorm(nn::LayerNormOptions({r.width})))),
        norm2(register_module("norm2",
                              nn::LayerNorm(nn::LayerNormOptions({r.width})))),
        drop(register_module("drop", nn::Dropout(r.dropout))),
        bias(register_parameter("bias",
                                0.02 * torch::randn({2 * r.length - 1}))) {}

  // x [batch, length, width]; causal [length, length]: 1 where it may look;
  // distance [length, length]: the bias of every pair.
  Tensor forward(const Tensor& x, const Tensor& causal, const Tensor& distance,
                 const Tensor& real) {
    const auto parts =
        torch::silu(in(norm1(x) * real)).split(recipe.width, /*dim=*/-1);
    const Tensor &u = parts[0], &v = parts[1], &q = parts[2], &k = parts[3];
    const Tensor pairs = bias.index_select(0, distance.reshape(-1))
                             .view({recipe.length, recipe.length});
    const Tensor weights =
        torch::silu(torch::matmul(q, k.transpose(1, 2)) + pairs) /
        static_cast<double>(recipe.length) * causal;
    const Tensor mixed = norm2(torch::matmul(weights, v));
    return (x + out(drop(u * mixed))) * real;
  }

  HstuRecipe recipe;
  nn::Linear in, out;
  nn::LayerNorm norm1, norm2;
  nn::Dropout drop;
  Tensor bias;
};

struct Hstu : nn::Module {
  explicit Hstu(const HstuRecipe& r)
      : recipe(r),
        items(register_module(
            "items",
            nn::Embedding(
                nn::EmbeddingOptions(r.items + 1, r.width).padding_idx(0)))),
        places(register_module("places", nn::Embedding(r.length, r.width))),
        drop(register_module("drop", nn::Dropout(r.dropout))),
        causal(torch::ones({r.length, r.length}).tril()) {
    const Tensor at = torch::arange(r.length);
    distance = at.unsqueeze(1) - at.unsqueeze(0) + r.length - 1;
    for (std::int64_t i = 0; i < r.layers; ++i) {
      units.push_back(register_module("unit" + std::to_string(i),
                                      std::make_shared<Unit>(r)));
    }
    const torch::NoGradGuard no_grad;
    nn::init::normal_(items->weight, 0, 0.02);
    nn::init::normal_(places->weight, 0, 0.02);
  }

  Tensor forward(const Tensor& log) {
    const Tensor real = (log != 0).unsqueeze(-1);
    Tensor x = items(log) * std::sqrt(static_cast<double>(recipe.width));
    x = drop(x + places(torch::arange(recipe.length))) * real;
    for (auto& unit : units) x = unit->forward(x, causal, distance, real);
    return x;
  }

  HstuRecipe recipe;
  nn::Embedding items, places;
  nn::Dropout drop;
  Tensor causal, distance;
  std::vector<std::shared_ptr<Unit>> units;
};

Tensor unit_length(const Tensor& x) {
  return nn::functional::normalize(
      x, nn::functional::NormalizeFuncOptions().p(2).dim(-1).eps(1e-6));
}

// Softmax cross-entropy of cosines at temperature 0.05 over the target and the
// negatives; a negative that is the target does not count.
Tensor loss_of(Hstu& model, const PaddedBatch& batch) {
  const HstuRecipe& r = model.recipe;
  const Tensor flat = batch.next.reshape(-1);
  const Tensor real = flat.nonzero().reshape(-1);
  const Tensor targets = flat.index_select(0, real);
  const Tensor x = unit_length(
      model.forward(batch.log).reshape({-1, r.width}).index_select(0, real));
  const Tensor drawn = torch::randint(1, r.items + 1, {r.negatives});
  const Tensor own = (x * unit_length(model.items(targets))).sum(-1, true);
  const Tensor others =
      torch::matmul(x, unit_length(model.items(drawn)).t())
          .masked_fill(targets.unsqueeze(1) == drawn.unsqueeze(0), -1e4);
  return nn::functional::cross_entropy(torch::cat({own, others}, 1) / 0.05,
                                       torch::zeros_like(targets));
}

}  // namespace

PeerSpeed train_hstu(const Sequences& users, const HstuRecipe& recipe,
                     std::int64_t steps, int threads) {
  keep_memory();
  torch::manual_seed(1);
  at::set_num_threads(threads);
  Hstu model(recipe);
  torch::optim::AdamW adam(model.parameters(),
                           torch::optim::AdamWOptions(1e-3)
                               .betas(std::make_tuple(0.9, 0.98))
                               .weight_decay(0));
  return time_steps(
      model, adam, users, recipe, steps,
      [](auto& m, const PaddedBatch& b) { return loss_of(m, b); });
}

}  // namespace ensue::peers
