// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ensue/kernels/gemm.h"
#include "ensue/kernels/softmax_row.h"
#include "ensue/nn/internal/rows.h"
#include "ensue/nn/losses.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Matrix;

// The draws of a batch: sorted, so that a target finds its own quickly.
struct Negatives {
  std::vector<std::int64_t> items;
  std::vector<float> weights;  // [draws, width]
  std::vector<float> offsets;  // [draws] bias - log(draws * chance)
};

Negatives draw(const ItemHead& head, const NegativeSampler& sampler, int count,
               Rng& rng) {
  Negatives out;
  for (int i = 0; i < count; ++i) out.items.push_back(sampler.draw(rng));
  std::sort(out.items.begin(), out.items.end());
  const std::size_t width = head.weight->row_size();
  for (const std::int64_t item : out.items) {
    const float* row =
        head.weight->data() + static_cast<std::size_t>(item) * width;
    out.weights.insert(out.weights.end(), row, row + width);
    const float bias = head.bias == nullptr ? 0 : head.bias->data()[item];
    out.offsets.push_back(
        bias - static_cast<float>(std::log(count * sampler.chance(item))));
  }
  return out;
}

struct Job {
  const Targets& targets;
  const ItemHead& head;
  const Negatives& negatives;
  const float* hidden;  // [events, width]
  std::size_t width;
  double share;                // 1 / sum of weights
  float* logits;               // [rows, draws]; gradients afterwards
  std::vector<float>& slopes;  // [targets] d mean / d target's logit
};

double dot(const float* a, const float* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

// One target against the row's draws, which hold p = softmax(draws) with
// normaliser `log_sum`. Adds its part of d mean / d draws as a factor of p in
// `factor`, and takes its own draws out again in `row`.
double settle_target(const Job& job, std::size_t t, const float* x,
                     double log_sum, const float* p, double& factor,
                     std::vector<std::pair<std::size_t, double>>& excluded) {
  const std::int64_t item = job.targets.items[t];
  const auto& drawn = job.negatives.items;
  const auto hits = std::equal_range(drawn.begin(), drawn.end(), item);
  double hit = 0;
  for (auto it = hits.first; it != hits.second; ++it) {
    hit += p[it - drawn.begin()];
  }
  const float* row =
      job.head.weight->data() + static_cast<std::size_t>(item) * job.width;
  const double logit =
      dot(x, row, job.width) +
      (job.head.bias == nullptr ? 0.0 : job.head.bias->data()[item]);
  const double top = std::max(logit, log_sum);
  const double own = std::exp(logit - top), rest = std::exp(log_sum - top);
  const double sum = own + rest * std::max(0.0, 1 - hit);
  const double weight = job.targets.weights[t] * job.share;
  job.slopes[t] = static_cast<float>(weight * (own / sum - 1));
  factor += weight * rest / sum;
  for (auto it = hits.first; it != hits.second; ++it) {
    excluded.emplace_back(it - drawn.begin(), weight * rest / sum);
  }
  return job.targets.weights[t] * (top + std::log(sum) - logit);
}

double settle_row(const Job& job, std::size_t r) {
  const std::size_t draws = job.negatives.items.size();
  float* row = job.logits + r * draws;
  const double log_sum =
      kernels::softmax_row(row, job.negatives.offsets.data(), draws, 1);
  const float* x =
      job.hidden + static_cast<std::size_t>(job.targets.rows[r]) * job.width;
  double loss = 0, factor = 0;
  std::vector<std::pair<std::size_t, double>> excluded;
  for (auto t = static_cast<std::size_t>(job.targets.begin[r]);
       t < static_cast<std::size_t>(job.targets.begin[r + 1]); ++t) {
    loss += settle_target(job, t, x, log_sum, row, factor, excluded);
  }
  std::vector<double> back(excluded.size());
  for (std::size_t i = 0; i < excluded.size(); ++i) {
    back[i] = excluded[i].second * row[excluded[i].first];
  }
  for (std::size_t j = 0; j < draws; ++j) {
    row[j] *= static_cast<float>(factor);
  }
  for (std::size_t i = 0; i < excluded.size(); ++i) {
    row[excluded[i].first] -= static_cast<float>(back[i]);
  }
  return loss;
}

double settle(const Job& job) {
  std::vector<double> losses(job.targets.size());
  at::parallel_for(0, static_cast<std::int64_t>(losses.size()), 16,
                   [&](std::int64_t a, std::int64_t b) {
                     for (auto r = static_cast<std::size_t>(a);
                          r < static_cast<std::size_t>(b); ++r) {
                       losses[r] = settle_row(job, r);
                     }
                   });
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

// The targets' own part of the gradients of hidden rows and of the head.
void add_targets(const Job& job, float* slope) {
  std::vector<RowTerm> weights, biases;
  for (std::size_t r = 0; r < job.targets.size(); ++r) {
    const auto row = static_cast<std::size_t>(job.targets.rows[r]);
    for (auto t = static_cast<std::size_t>(job.targets.begin[r]);
         t < static_cast<std::size_t>(job.targets.begin[r + 1]); ++t) {
      const std::int64_t item = job.targets.items[t];
      const float* from =
          job.head.weight->data() + static_cast<std::size_t>(item) * job.width;
      for (std::size_t c = 0; c < job.width; ++c) {
        slope[row * job.width + c] += job.slopes[t] * from[c];
      }
      weights.push_back({item, job.hidden + row * job.width, job.slopes[t]});
      biases.push_back({item, &job.slopes[t], 1});
    }
  }
  add_rows(*job.head.weight, weights);
  if (job.head.bias != nullptr) add_rows(*job.head.bias, biases);
}

// The draws' part of the head's gradients: [rows, draws] against rows.
void add_draws(const Job& job, const Matrix& dlogits, const Matrix& rows) {
  const std::size_t draws = job.negatives.items.size();
  std::vector<float> weight(draws * job.width), bias(draws);
  gemm(dlogits.t(), rows, weight.data(), job.width);
  const std::vector<float> ones(rows.rows, 1.0F);
  gemm(Matrix(ones.data(), 1, rows.rows), dlogits, bias.data(), draws);
  std::vector<RowTerm> weights, biases;
  for (std::size_t j = 0; j < draws; ++j) {
    const std::int64_t item = job.negatives.items[j];
    weights.push_back({item, weight.data() + j * job.width, 1});
    biases.push_back({item, bias.data() + j, 1});
  }
  add_rows(*job.head.weight, weights);
  if (job.head.bias != nullptr) add_rows(*job.head.bias, biases);
}

}  // namespace

LossValue sampled_softmax_loss(const at::Tensor& hidden, const Targets& targets,
                               const ItemHead& head,
                               const NegativeSampler& sampler, int negatives,
                               Rng& rng) {
  LossValue out;
  out.slope = at::zeros_like(hidden);
  out.weight =
      std::accumulate(targets.weights.begin(), targets.weights.end(), 0.0);
  if (out.weight <= 0) return out;
  const auto width = static_cast<std::size_t>(hidden.size(1));
  const auto draws = static_cast<std::size_t>(negatives);
  const Negatives drawn = draw(head, sampler, negatives, rng);
  const at::Tensor picked =
      hidden.index_select(0, at::tensor(targets.rows, at::kLong));
  const Matrix rows(picked.data_ptr<float>(), targets.size(), width);
  const Matrix weights(drawn.weights.data(), draws, width);
  std::vector<float> logits(targets.size() * draws);
  gemm(rows, weights.t(), logits.data(), draws);

  std::vector<float> slopes(targets.items.size());
  const Job job{
      targets, head,           drawn,         hidden.data_ptr<float>(),
      width,   1 / out.weight, logits.data(), slopes};
  out.sum = settle(job);
  const Matrix dlogits(logits.data(), targets.size(), draws);
  at::Tensor dpicked = at::empty_like(picked);
  gemm(dlogits, weights, dpicked.data_ptr<float>(), width);
  out.slope.index_copy_(0, at::tensor(targets.rows, at::kLong), dpicked);
  add_targets(job, out.slope.data_ptr<float>());
  add_draws(job, dlogits, rows);
  return out;
}

}  // namespace ensue::nn
