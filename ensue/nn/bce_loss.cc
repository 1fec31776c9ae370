// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ensue/nn/internal/portable_losses.h"
#include "ensue/nn/internal/rows.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

constexpr std::size_t kPairsAtOnce = std::size_t{1} << 17;

using Pair = ItemPair;

struct Job {
  const ItemHead& head;
  const float* hidden;
  float* slope;
  std::size_t width;
  double share;
};

// log(1 + e^x) without overflow.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

float dot(const float* a, const float* b, std::size_t size) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

// Scores one pair, adds to the gradient of its hidden row; weight * loss.
double settle_pair(const Job& job, Pair& pair) {
  if (pair.weight == 0) return 0;
  const float* item =
      job.head.weight->data() + static_cast<std::size_t>(pair.item) * job.width;
  const double score =
      dot(job.hidden + pair.row * job.width, item, job.width) +
      (job.head.bias == nullptr ? 0.0F : job.head.bias->data()[pair.item]);
  const double chance = 1 / (1 + std::exp(-score));
  pair.slope = static_cast<float>(pair.weight * job.share *
                                  (chance - (pair.wanted ? 1 : 0)));
  float* slope = job.slope + pair.row * job.width;
  for (std::size_t c = 0; c < job.width; ++c) slope[c] += pair.slope * item[c];
  return pair.weight * softplus(pair.wanted ? -score : score);
}

// Rows of pairs are consecutive: [ends[i - 1], ends[i]) belongs to one row.
double settle(const Job& job, std::vector<Pair>& pairs,
              const std::vector<std::size_t>& ends) {
  std::vector<double> losses(ends.size());
  at::parallel_for(0, static_cast<std::int64_t>(ends.size()), 16,
                   [&](std::int64_t a, std::int64_t b) {
                     for (auto i = static_cast<std::size_t>(a);
                          i < static_cast<std::size_t>(b); ++i) {
                       for (std::size_t p = i == 0 ? 0 : ends[i - 1];
                            p < ends[i]; ++p) {
                         losses[i] += settle_pair(job, pairs[p]);
                       }
                     }
                   });
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

void add_to_head(const Job& job, const std::vector<Pair>& pairs) {
  std::vector<RowTerm> weights, biases;
  weights.reserve(pairs.size());
  for (const Pair& pair : pairs) {
    if (pair.weight == 0) continue;
    weights.push_back(
        {pair.item, job.hidden + pair.row * job.width, pair.slope});
    if (job.head.bias != nullptr) biases.push_back({pair.item, &pair.slope, 1});
  }
  add_rows(*job.head.weight, weights);
  if (job.head.bias != nullptr) add_rows(*job.head.bias, biases);
}

// How the pairs of a target are made.
struct Drawing {
  const NegativeSampler& sampler;
  int negatives;
  float wanted;  // what the target's pair weighs beside a draw's
  Rng& rng;
};

// The pairs of target row r.
void add_row(const Targets& targets, std::size_t r, const Drawing& drawing,
             std::vector<Pair>& pairs) {
  const auto begin = targets.items.begin() + targets.begin[r];
  const auto end = targets.items.begin() + targets.begin[r + 1];
  const auto row = static_cast<std::size_t>(targets.rows[r]);
  for (auto it = begin; it != end; ++it) {
    const float weight =
        targets.weights[static_cast<std::size_t>(it - targets.items.begin())];
    pairs.push_back({row, *it, true, drawing.wanted * weight, 0});
    for (int k = 0; k < drawing.negatives; ++k) {
      const std::int64_t item = drawing.sampler.draw(drawing.rng);
      const bool target = std::find(begin, end, item) != end;
      pairs.push_back({row, item, false, target ? 0 : weight, 0});
    }
  }
}

LossValue run(const at::Tensor& hidden, const Targets& targets,
              const ItemHead& head, const Drawing& drawing) {
  LossValue out;
  out.slope = at::zeros_like(hidden);
  out.weight =
      std::accumulate(targets.weights.begin(), targets.weights.end(), 0.0);
  if (out.weight <= 0) return out;
  const bool kernels = !is_portable(hidden);
  const Job job{head, kernels ? hidden.data_ptr<float>() : nullptr,
                kernels ? out.slope.data_ptr<float>() : nullptr,
                static_cast<std::size_t>(hidden.size(1)), 1 / out.weight};
  std::vector<Pair> pairs;
  std::vector<std::size_t> ends;
  for (std::size_t r = 0; r < targets.size(); ++r) {
    add_row(targets, r, drawing, pairs);
    ends.push_back(pairs.size());
    if (pairs.size() < kPairsAtOnce && r + 1 < targets.size()) continue;
    if (kernels) {
      out.sum += settle(job, pairs, ends);
      add_to_head(job, pairs);
    } else {
      add_portable_pairs(hidden, head, pairs, out);
    }
    pairs.clear();
    ends.clear();
  }
  return out;
}

}  // namespace

LossValue bce_loss(const at::Tensor& hidden, const Targets& targets,
                   const ItemHead& head, const NegativeSampler& sampler,
                   int negatives, Rng& rng) {
  return run(hidden, targets, head, {sampler, negatives, 1, rng});
}

// -log(s(x)^beta) = beta softplus(-x): the power is a weight, and finite.
LossValue gbce_loss(const at::Tensor& hidden, const Targets& targets,
                    const ItemHead& head, const NegativeSampler& sampler,
                    const GbceOptions& options, Rng& rng) {
  const double beta = gbce_power(options, head.weight->rows());
  return run(hidden, targets, head,
             {sampler, options.negatives, static_cast<float>(beta), rng});
}

double gbce_power(const GbceOptions& options, std::size_t items) {
  const double others = static_cast<double>(items) - 1;
  if (options.negatives >= others) return 1;
  return 1 - options.calibration * (1 - options.negatives / others);
}

}  // namespace ensue::nn
