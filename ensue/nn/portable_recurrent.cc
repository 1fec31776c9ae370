// SPDX-License-Identifier: Apache-2.0
// Recurrent layers out of ATen's own, which take packed sequences: all first
// events, then all second ones, …, the longest sequence first.
#include <algorithm>
#include <numeric>
#include <tuple>

#include "ensue/nn/internal/portable_ops.h"

namespace ensue::nn {
namespace {

struct Steps {
  std::vector<std::int64_t> events;  // step row -> event of the batch
  std::vector<std::int64_t> places;  // event of the batch -> step row
  std::vector<std::int64_t> sizes;   // sequences that have an i-th event
};

Steps steps_of(const Packed& batch) {
  std::vector<std::size_t> order(batch.sequences());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    return batch.length(a) > batch.length(b);
  });
  Steps out;
  out.places.resize(batch.size());
  const std::size_t longest = order.empty() ? 0 : batch.length(order[0]);
  for (std::size_t i = 0; i < longest; ++i) {
    std::int64_t size = 0;
    for (const std::size_t s : order) {
      if (batch.length(s) <= i) break;
      const std::int64_t event =
          batch.offsets[s] + static_cast<std::int64_t>(i);
      out.places[static_cast<std::size_t>(event)] =
          static_cast<std::int64_t>(out.events.size());
      out.events.push_back(event);
      ++size;
    }
    out.sizes.push_back(size);
  }
  return out;
}

}  // namespace

at::Tensor portable_recurrent(Cell cell, const at::Tensor& x,
                              const RecurrentWeights& weights,
                              const Packed& batch) {
  const std::int64_t hidden = weights.weight_hh->value.size(1);
  if (batch.size() == 0) return at::zeros({0, hidden}, x.options());
  const Steps steps = steps_of(batch);
  const at::Tensor data = x.index_select(0, ids_on(x.device(), steps.events));
  const at::Tensor sizes = at::tensor(steps.sizes, at::kLong);  // on the CPU
  const at::Tensor zero =
      at::zeros({1, steps.sizes.front(), hidden}, x.options());
  const std::vector<at::Tensor> parameters = {
      weights.weight_ih->traced(), weights.weight_hh->traced(),
      weights.bias_ih->traced(), weights.bias_hh->traced()};
  const bool training =
      at::GradMode::is_enabled();  // cuDNN keeps what it needs
  const auto run = [&](const auto& layer, const auto& state) {
    return std::get<0>(layer(data, sizes, state, parameters,
                             /*has_biases=*/true, /*num_layers=*/1,
                             /*dropout=*/0.0, training,
                             /*bidirectional=*/false));
  };
  const auto call = [](auto... a) { return at::gru(a...); };
  at::Tensor out;
  if (cell == Cell::kGru) out = run(call, zero);
  if (cell == Cell::kRnn) {
    out = run([](auto... a) { return at::rnn_tanh(a...); }, zero);
  }
  if (cell == Cell::kLstm) {
    out = run([](auto... a) { return at::lstm(a...); },
              std::vector<at::Tensor>{zero, zero});
  }
  return out.index_select(0, ids_on(x.device(), steps.places));
}

}  // namespace ensue::nn
