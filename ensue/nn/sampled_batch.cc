// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/internal/sampled_batch.h"

#include <algorithm>
#include <numeric>

#include "ensue/kernels/gemm.h"
#include "ensue/nn/internal/rows.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Matrix;

double dot(const float* a, const float* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

}  // namespace

SampledBatch::SampledBatch(const at::Tensor& hidden, const Targets& targets,
                           const ItemHead& head)
    : hidden_(hidden),
      targets_(targets),
      head_(head),
      width_(static_cast<std::size_t>(hidden.size(1))),
      total_(std::accumulate(targets.weights.begin(), targets.weights.end(),
                             0.0)) {}

void SampledBatch::draw(const NegativeSampler& sampler, int negatives,
                        Rng& rng) {
  for (int i = 0; i < negatives; ++i) drawn_.push_back(sampler.draw(rng));
  std::sort(drawn_.begin(), drawn_.end());
  for (const std::int64_t item : drawn_) {
    const float* row =
        head_.weight->data() + static_cast<std::size_t>(item) * width_;
    vectors_.insert(vectors_.end(), row, row + width_);
    offsets_.push_back(head_.bias == nullptr ? 0.0F : head_.bias->data()[item]);
  }
}

std::pair<std::size_t, std::size_t> SampledBatch::hits(
    std::int64_t item) const {
  const auto found = std::equal_range(drawn_.begin(), drawn_.end(), item);
  return {static_cast<std::size_t>(found.first - drawn_.begin()),
          static_cast<std::size_t>(found.second - drawn_.begin())};
}

double SampledBatch::target_logit(std::size_t row, std::size_t t) const {
  const std::int64_t item = targets_.items[t];
  const float* x = hidden_.data_ptr<float>() +
                   static_cast<std::size_t>(targets_.rows[row]) * width_;
  const float* vector =
      head_.weight->data() + static_cast<std::size_t>(item) * width_;
  const float bias = head_.bias == nullptr ? 0.0F : head_.bias->data()[item];
  return dot(x, vector, width_) + static_cast<double>(bias);
}

LossValue SampledBatch::settle(
    const std::function<double(std::size_t row)>& settle_row) {
  LossValue out;
  out.slope = at::zeros_like(hidden_);
  out.weight = total_;
  if (total_ <= 0) return out;
  const at::Tensor rows = at::tensor(targets_.rows, at::kLong);
  const at::Tensor picked = hidden_.index_select(0, rows);
  const Matrix x(picked.data_ptr<float>(), targets_.size(), width_);
  const Matrix vectors(vectors_.data(), drawn_.size(), width_);
  logits_.resize(targets_.size() * drawn_.size());
  slopes_.resize(targets_.items.size());
  gemm(x, vectors.t(), logits_.data(), drawn_.size());

  std::vector<double> losses(targets_.size());
  at::parallel_for(0, static_cast<std::int64_t>(losses.size()), 16,
                   [&](std::int64_t a, std::int64_t b) {
                     for (auto r = static_cast<std::size_t>(a);
                          r < static_cast<std::size_t>(b); ++r) {
                       losses[r] = settle_row(r);
                     }
                   });
  out.sum = std::accumulate(losses.begin(), losses.end(), 0.0);

  const Matrix dlogits(logits_.data(), targets_.size(), drawn_.size());
  at::Tensor dpicked = at::empty_like(picked);
  gemm(dlogits, vectors, dpicked.data_ptr<float>(), width_);
  out.slope.index_copy_(0, rows, dpicked);
  add_targets(out.slope.data_ptr<float>());
  add_draws(picked);
  return out;
}

// The targets' own part of the gradients of hidden rows and of the head.
void SampledBatch::add_targets(float* slope) {
  std::vector<RowTerm> weights, biases;
  for (std::size_t r = 0; r < targets_.size(); ++r) {
    const auto row = static_cast<std::size_t>(targets_.rows[r]) * width_;
    for (std::size_t t = begin(r); t < end(r); ++t) {
      const std::int64_t item = targets_.items[t];
      const float* from =
          head_.weight->data() + static_cast<std::size_t>(item) * width_;
      for (std::size_t c = 0; c < width_; ++c) {
        slope[row + c] += slopes_[t] * from[c];
      }
      weights.push_back({item, hidden_.data_ptr<float>() + row, slopes_[t]});
      biases.push_back({item, &slopes_[t], 1});
    }
  }
  add_rows(*head_.weight, weights);
  if (head_.bias != nullptr) add_rows(*head_.bias, biases);
}

// The draws' part of the head's gradients.
void SampledBatch::add_draws(const at::Tensor& picked) {
  const std::size_t rows = targets_.size(), draws = drawn_.size();
  const Matrix dlogits(logits_.data(), rows, draws);
  std::vector<float> weight(draws * width_), bias(draws);
  gemm(dlogits.t(), Matrix(picked.data_ptr<float>(), rows, width_),
       weight.data(), width_);
  const std::vector<float> ones(rows, 1.0F);
  gemm(Matrix(ones.data(), 1, rows), dlogits, bias.data(), draws);
  std::vector<RowTerm> weights, biases;
  for (std::size_t j = 0; j < draws; ++j) {
    weights.push_back({drawn_[j], weight.data() + j * width_, 1});
    biases.push_back({drawn_[j], bias.data() + j, 1});
  }
  add_rows(*head_.weight, weights);
  if (head_.bias != nullptr) add_rows(*head_.bias, biases);
}

}  // namespace ensue::nn
