// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ensue/kernels/softmax_row.h"
#include "ensue/nn/internal/portable_losses.h"
#include "ensue/nn/internal/sampled_batch.h"
#include "ensue/nn/internal/sampled_past.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

constexpr float kLeftOut = -1e30F;  // its softmax is 0

// What one row's targets share.
struct Row {
  SampledBatch& batch;
  SampledPast& past;
  std::size_t r;
  double log_sum;  // of the draws, which hold their softmax p
  double largest;  // of log_sum and the past's logits
  // d mean / d draws as a factor of p, and what targets' own draws take out of
  // that again.
  double factor = 0;
  std::vector<std::pair<std::size_t, double>> excluded = {};
};

double settle_target(Row& row, std::size_t t) {
  SampledBatch& batch = row.batch;
  SampledPast& past = row.past;
  const std::int64_t item = batch.targets().items[t];
  const float* p = batch.row(row.r);
  const auto [first, last] = batch.hits(item);
  double hit = 0;
  for (std::size_t j = first; j < last; ++j) hit += p[j];
  const std::size_t seen = past.find(row.r, item);
  const double logit = seen == SampledPast::kNone ? batch.target_logit(row.r, t)
                                                  : past.logit(seen);
  const double top = std::max(logit, row.largest);
  const double own = std::exp(logit - top), rest = std::exp(row.log_sum - top);
  double sum = own + rest * std::max(0.0, 1 - hit);
  for (std::size_t i = past.begin(row.r); i < past.end(row.r); ++i) {
    if (i != seen) sum += std::exp(past.logit(i) - top);
  }
  const double weight = batch.share(t);
  for (std::size_t i = past.begin(row.r); i < past.end(row.r); ++i) {
    const double part = std::exp(past.logit(i) - top) / sum;
    past.slope(i) += static_cast<float>(weight * (part - (i == seen ? 1 : 0)));
  }
  batch.slopes()[t] = seen == SampledPast::kNone
                          ? static_cast<float>(weight * (own / sum - 1))
                          : 0.0F;
  row.factor += weight * rest / sum;
  for (std::size_t j = first; j < last; ++j) {
    row.excluded.emplace_back(j, weight * rest / sum);
  }
  return batch.targets().weights[t] * (top + std::log(sum) - logit);
}

double settle_row(SampledBatch& batch, SampledPast& past, std::size_t r) {
  const std::size_t draws = batch.drawn().size();
  float* logits = batch.row(r);
  past.score(r);
  for (std::size_t i = past.begin(r); i < past.end(r); ++i) {
    const auto [first, last] = batch.hits(past.item(i));
    std::fill(logits + first, logits + last, kLeftOut);
  }
  const double log_sum =
      kernels::softmax_row(logits, batch.offsets().data(), draws, 1);
  Row row{batch, past, r, log_sum, log_sum};
  for (std::size_t i = past.begin(r); i < past.end(r); ++i) {
    row.largest = std::max(row.largest, past.logit(i));
  }
  double loss = 0;
  for (std::size_t t = batch.begin(r); t < batch.end(r); ++t) {
    loss += settle_target(row, t);
  }
  for (auto& [place, part] : row.excluded) part *= logits[place];
  for (std::size_t j = 0; j < draws; ++j) {
    logits[j] *= static_cast<float>(row.factor);
  }
  for (const auto& [place, part] : row.excluded) {
    logits[place] -= static_cast<float>(part);
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
  SampledPast past(hidden, targets, head);
  LossValue out =
      batch.settle([&](std::size_t r) { return settle_row(batch, past, r); });
  past.carry(out.slope.data_ptr<float>());
  return out;
}

}  // namespace ensue::nn
