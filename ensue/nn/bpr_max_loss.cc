// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ensue/kernels/softmax_row.h"
#include "ensue/nn/internal/portable_losses.h"
#include "ensue/nn/internal/sampled_batch.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

constexpr double kLargestExponent = 690;  // exp() of it is still finite
constexpr float kLeftOut = -1e30F;        // its softmax is 0

// One row's draws: scores r and s = softmax(r); both 0 where the draw is one
// of the row's targets.
struct Draws {
  std::vector<double> r, s, slope;  // slope: d mean / d r
  double log_sum = 0;
  bool empty = true;
};

Draws take_draws(SampledBatch& batch, std::size_t row) {
  const std::size_t size = batch.drawn().size();
  float* scores = batch.row(row);
  for (std::size_t j = 0; j < size; ++j) scores[j] += batch.offsets()[j];
  for (std::size_t t = batch.begin(row); t < batch.end(row); ++t) {
    const auto [first, last] = batch.hits(batch.targets().items[t]);
    std::fill(scores + first, scores + last, kLeftOut);
  }
  Draws out;
  for (std::size_t j = 0; j < size; ++j) {
    const bool in = scores[j] != kLeftOut;
    out.r.push_back(in ? scores[j] : 0);
    out.empty = out.empty && !in;
  }
  out.log_sum = kernels::softmax_row(scores, nullptr, size, 1);
  out.s.assign(scores, scores + size);
  out.slope.assign(size, 0);
  return out;
}

// With g = exp(target - log_sum):  s_j sigmoid(target - r_j) = g u_j,
// u_j = s_j / (s_j + g) = sigmoid(r_j - target). So the loss is
// -log g - log sum u, without a difference of large numbers, and its slopes are
// -sum q_j u_j for the target and s_j - q_j (1 - u_j) for draw j, q = u / sum
// u.
double settle_target(SampledBatch& batch, std::size_t row, std::size_t t,
                     Draws& draws) {
  const double log_g =
      std::min(batch.target_logit(row, t) - draws.log_sum, kLargestExponent);
  const double g = std::exp(std::max(log_g, -kLargestExponent));
  double total = 0;
  for (const double s : draws.s) total += s / (s + g);
  const double share = batch.share(t);
  double own = 0;
  for (std::size_t j = 0; j < draws.s.size(); ++j) {
    const double s = draws.s[j], u = s / (s + g), q = u / total;
    draws.slope[j] += share * (s - q * (1 - u));
    own -= share * q * u;
  }
  batch.slopes()[t] = static_cast<float>(own);
  return batch.targets().weights[t] * (-log_g - std::log(total));
}

// Adds share * d/dr of sum s_j r_j^2, which it returns.
double penalise(Draws& draws, double share) {
  double mean = 0;
  for (std::size_t j = 0; j < draws.s.size(); ++j) {
    mean += draws.s[j] * draws.r[j] * draws.r[j];
  }
  for (std::size_t j = 0; j < draws.s.size(); ++j) {
    const double r = draws.r[j];
    draws.slope[j] += share * draws.s[j] * (r * r + 2 * r - mean);
  }
  return mean;
}

double settle_row(SampledBatch& batch, std::size_t row, double penalty) {
  Draws draws = take_draws(batch, row);
  double loss = 0, share = 0, weight = 0;
  for (std::size_t t = batch.begin(row); t < batch.end(row); ++t) {
    batch.slopes()[t] = 0;
    if (!draws.empty) loss += settle_target(batch, row, t, draws);
    share += batch.share(t);
    weight += batch.targets().weights[t];
  }
  if (!draws.empty && penalty > 0) {
    loss += penalty * weight * penalise(draws, penalty * share);
  }
  std::transform(draws.slope.begin(), draws.slope.end(), batch.row(row),
                 [](double slope) { return static_cast<float>(slope); });
  return loss;
}

}  // namespace

LossValue bpr_max_loss(const at::Tensor& hidden, const Targets& targets,
                       const ItemHead& head, const NegativeSampler& sampler,
                       const BprMaxOptions& options, Rng& rng) {
  if (is_portable(hidden)) {
    return portable_bpr_max_loss(hidden, targets, head,
                                 draw_items(sampler, options.negatives, rng),
                                 options.score_penalty);
  }
  SampledBatch batch(hidden, targets, head);
  batch.draw(sampler, options.negatives, rng);
  return batch.settle([&](std::size_t row) {
    return settle_row(batch, row, options.score_penalty);
  });
}

}  // namespace ensue::nn
