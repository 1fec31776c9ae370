// SPDX-License-Identifier: Apache-2.0
#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <numeric>
#include <random>

#include "bench/peers/peers.h"

namespace ensue::peers {
namespace {

namespace nn = torch::nn;
using torch::Tensor;

struct Gru4Rec : nn::Module {
  explicit Gru4Rec(const Gru4RecRecipe& r)
      : input(register_module("input", nn::Embedding(r.items, r.width))),
        cell(register_module("cell", nn::GRUCell(r.width, r.width))),
        output(register_module("output", nn::Embedding(r.items, r.width))),
        bias(register_module("bias", nn::Embedding(r.items, 1))) {}
  nn::Embedding input;
  nn::GRUCell cell;
  nn::Embedding output, bias;
};

// `batch` sessions at a time; where one ends the next begins.
class Lanes {
 public:
  Lanes(const Sequences& sessions, std::int64_t batch) : sessions_(sessions) {
    for (std::int64_t b = 0; b < batch; ++b)
      lane_.push_back(next_++), at_.push_back(0);
  }
  // The next (in, out) of every lane; resets[b]: a session begins.
  void step(std::vector<std::int64_t>& in, std::vector<std::int64_t>& out,
            std::vector<float>& keeps) {
    in.clear(), out.clear(), keeps.clear();
    for (std::size_t b = 0; b < lane_.size(); ++b) {
      while (at_[b] + 1 >= session(b).size()) lane_[b] = next_++, at_[b] = 0;
      keeps.push_back(at_[b] == 0 ? 0.0F : 1.0F);
      in.push_back(session(b)[at_[b]]);
      out.push_back(session(b)[++at_[b]]);
    }
  }

 private:
  const std::vector<std::int64_t>& session(std::size_t b) const {
    return sessions_[lane_[b] % sessions_.size()];
  }
  const Sequences& sessions_;
  std::vector<std::size_t> lane_, at_;
  std::size_t next_ = 0;
};

}  // namespace

PeerSpeed train_gru4rec(const Sequences& sessions, const Gru4RecRecipe& recipe,
                        std::int64_t steps, int threads) {
  keep_memory();
  torch::manual_seed(1);
  at::set_num_threads(threads);
  std::vector<double> weight(static_cast<std::size_t>(recipe.items), 1.0);
  for (const auto& session : sessions) {
    for (const auto item : session) ++weight[static_cast<std::size_t>(item)];
  }
  for (double& w : weight) w = std::sqrt(w);
  std::discrete_distribution<std::int64_t> draw(weight.begin(), weight.end());
  std::mt19937_64 rng(1);
  std::vector<std::int64_t> store(10'000'000);  // drawn beforehand, as there
  for (auto& item : store) item = draw(rng);

  Gru4Rec model(recipe);
  torch::optim::Adagrad adagrad(model.parameters(),
                                torch::optim::AdagradOptions(0.05));
  Lanes lanes(sessions, recipe.batch);
  Tensor hidden = torch::zeros({recipe.batch, recipe.width});
  std::vector<std::int64_t> in, next;
  std::vector<float> keeps;
  std::size_t drawn = 0;
  PeerSpeed out;
  constexpr std::int64_t kWarmUp = 20;
  for (std::int64_t step = -kWarmUp; step < steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    lanes.step(in, next, keeps);
    for (std::int64_t s = 0; s < recipe.samples; ++s) {
      next.push_back(store[drawn++ % store.size()]);
    }
    const Tensor targets = torch::tensor(next);
    hidden = hidden.detach() * torch::tensor(keeps).unsqueeze(1);
    hidden = model.cell(model.input(torch::tensor(in)), hidden);
    const Tensor logits = torch::matmul(hidden, model.output(targets).t()) +
                          model.bias(targets).t();
    const Tensor loss =
        nn::functional::cross_entropy(logits, torch::arange(recipe.batch));
    adagrad.zero_grad();
    loss.backward();
    adagrad.step();
    if (step < 0) continue;
    out.seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    out.tokens += recipe.batch;
    ++out.steps;
  }
  return out;
}

}  // namespace ensue::peers
