// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ensue/kernels/softmax_row.h"
#include "ensue/nn/internal/portable_losses.h"
#include "ensue/nn/internal/sampled_batch.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

// One target against the row's draws, which hold p = softmax(draws) with
// normaliser `log_sum`. Adds its part of d mean / d draws as a factor of p in
// `factor`, and notes in `excluded` what its own draws take out of that again.
double settle_target(SampledBatch& batch, std::size_t r, std::size_t t,
                     double log_sum, double& factor,
                     std::vector<std::pair<std::size_t, double>>& excluded) {
  const float* p = batch.row(r);
  const auto [first, last] = batch.hits(batch.targets().items[t]);
  double hit = 0;
  for (std::size_t j = first; j < last; ++j) hit += p[j];
  const double logit = batch.target_logit(r, t);
  const double top = std::max(logit, log_sum);
  const double own = std::exp(logit - top), rest = std::exp(log_sum - top);
  const double sum = own + rest * std::max(0.0, 1 - hit);
  const double weight = batch.share(t);
  batch.slopes()[t] = static_cast<float>(weight * (own / sum - 1));
  factor += weight * rest / sum;
  for (std::size_t j = first; j < last; ++j) {
    excluded.emplace_back(j, weight * rest / sum);
  }
  return batch.targets().weights[t] * (top + std::log(sum) - logit);
}

double settle_row(SampledBatch& batch, std::size_t r) {
  const std::size_t draws = batch.drawn().size();
  float* row = batch.row(r);
  const double log_sum =
      kernels::softmax_row(row, batch.offsets().data(), draws, 1);
  double loss = 0, factor = 0;
  std::vector<std::pair<std::size_t, double>> excluded;
  for (std::size_t t = batch.begin(r); t < batch.end(r); ++t) {
    loss += settle_target(batch, r, t, log_sum, factor, excluded);
  }
  for (auto& [place, part] : excluded) part *= row[place];
  for (std::size_t j = 0; j < draws; ++j) {
    row[j] *= static_cast<float>(factor);
  }
  for (const auto& [place, part] : excluded) {
    row[place] -= static_cast<float>(part);
  }
  return loss;
}

// log(draws * chance) of every draw.
std::vector<float> lowered_by(const std::vector<std::int64_t>& drawn,
                              const NegativeSampler& sampler) {
  const auto draws = static_cast<double>(drawn.size());
  std::vector<float> out;
  for (const std::int64_t item : drawn) {
    out.push_back(static_cast<float>(std::log(draws * sampler.chance(item))));
  }
  return out;
}

}  // namespace

LossValue sampled_softmax_loss(const at::Tensor& hidden, const Targets& targets,
                               const ItemHead& head,
                               const NegativeSampler& sampler, int negatives,
                               Rng& rng) {
  if (is_portable(hidden)) {
    const auto drawn = draw_items(sampler, negatives, rng);
    return portable_sampled_softmax_loss(hidden, targets, head, drawn,
                                         lowered_by(drawn, sampler));
  }
  SampledBatch batch(hidden, targets, head);
  batch.draw(sampler, negatives, rng);
  const std::vector<float> lowered = lowered_by(batch.drawn(), sampler);
  for (std::size_t j = 0; j < lowered.size(); ++j) {
    batch.offsets()[j] -= lowered[j];
  }
  return batch.settle([&](std::size_t r) { return settle_row(batch, r); });
}

}  // namespace ensue::nn
