// SPDX-License-Identifier: Apache-2.0
#include <torch/torch.h>

#include <cmath>

#include "bench/peers/padded.h"
#include "bench/peers/peers.h"

namespace ensue::peers {
namespace {

namespace nn = torch::nn;
using torch::Tensor;

struct Layer : nn::Module {
  explicit Layer(const SasrecRecipe& r)
      : norm1(register_module(
            "norm1", nn::LayerNorm(nn::LayerNormOptions({r.width}).eps(1e-8)))),
        norm2(register_module(
            "norm2", nn::LayerNorm(nn::LayerNormOptions({r.width}).eps(1e-8)))),
        attention(register_module(
            "attention", nn::MultiheadAttention(
                             nn::MultiheadAttentionOptions(r.width, r.heads)
                                 .dropout(r.dropout)))),
        up(register_module("up", nn::Linear(r.width, r.width))),
        down(register_module("down", nn::Linear(r.width, r.width))),
        drop1(register_module("drop1", nn::Dropout(r.dropout))),
        drop2(register_module("drop2", nn::Dropout(r.dropout))) {}

  // x [batch, length, width]; real [batch, length, 1]: 0 where it is padding.
  Tensor forward(Tensor x, const Tensor& causal, const Tensor& real) {
    const Tensor time_first = x.transpose(0, 1);
    const Tensor query = norm1(time_first);
    const Tensor mixed = std::get<0>(attention->forward(
        query, time_first, time_first, Tensor(), false, causal, true));
    x = norm2((query + mixed).transpose(0, 1));
    return (x + drop2(down(torch::relu(drop1(up(x)))))) * real;
  }

  nn::LayerNorm norm1, norm2;
  nn::MultiheadAttention attention;
  nn::Linear up, down;
  nn::Dropout drop1, drop2;
};

struct Sasrec : nn::Module {
  explicit Sasrec(const SasrecRecipe& r)
      : recipe(r),
        items(register_module(
            "items",
            nn::Embedding(
                nn::EmbeddingOptions(r.items + 1, r.width).padding_idx(0)))),
        places(register_module("places", nn::Embedding(r.length, r.width))),
        drop(register_module("drop", nn::Dropout(r.dropout))),
        norm(register_module(
            "norm", nn::LayerNorm(nn::LayerNormOptions({r.width}).eps(1e-8)))),
        causal(torch::ones({r.length, r.length}, torch::kBool).triu(1)) {
    for (std::int64_t i = 0; i < r.layers; ++i) {
      layers.push_back(register_module("layer" + std::to_string(i),
                                       std::make_shared<Layer>(r)));
    }
    torch::NoGradGuard no_grad;
    for (auto& p : parameters()) {
      if (p.dim() > 1) torch::nn::init::xavier_normal_(p);
    }
  }

  Tensor forward(const Tensor& log) {
    const Tensor real = (log != 0).unsqueeze(-1);
    Tensor x = items(log) * std::sqrt(static_cast<double>(recipe.width));
    x = drop(x + places(torch::arange(recipe.length))) * real;
    for (auto& layer : layers) x = layer->forward(x, causal, real);
    return norm(x);
  }

  SasrecRecipe recipe;
  nn::Embedding items, places;
  nn::Dropout drop;
  nn::LayerNorm norm;
  Tensor causal;
  std::vector<std::shared_ptr<Layer>> layers;
};

Tensor loss_of(Sasrec& model, const PaddedBatch& batch) {
  const Tensor x = model.forward(batch.log);
  const Tensor real = (batch.next != 0).reshape(-1).nonzero().reshape(-1);
  if (model.recipe.softmax) {
    const Tensor logits = torch::matmul(x, model.items->weight.t());
    return nn::functional::cross_entropy(
        logits.reshape({-1, model.recipe.items + 1}), batch.next.reshape(-1),
        nn::functional::CrossEntropyFuncOptions().ignore_index(0));
  }
  const auto logits = [&](const Tensor& ids) {
    return (x * model.items(ids)).sum(-1).reshape(-1).index_select(0, real);
  };
  const Tensor positive = logits(batch.next), negative = logits(batch.negative);
  return nn::functional::binary_cross_entropy_with_logits(
             positive, torch::ones_like(positive)) +
         nn::functional::binary_cross_entropy_with_logits(
             negative, torch::zeros_like(negative));
}

}  // namespace

PeerSpeed train_sasrec(const Sequences& users, const SasrecRecipe& recipe,
                       std::int64_t steps, int threads) {
  keep_memory();
  torch::manual_seed(1);
  at::set_num_threads(threads);
  Sasrec model(recipe);
  torch::optim::Adam adam(
      model.parameters(),
      torch::optim::AdamOptions(1e-3).betas(std::make_tuple(0.9, 0.98)));
  return time_steps(
      model, adam, users, recipe, steps,
      [](auto& m, const PaddedBatch& b) { return loss_of(m, b); });
}

}  // namespace ensue::peers
