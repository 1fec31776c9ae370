// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/internal/sampled_batch.h"

#include <algorithm>
#include <numeric>

#include "ensue/kernels/gemm.h"
#include "ensue/nn/internal/rows.h"

namespace ensue::nn {
namespace {

using kernels::gemm;
using kernels::Half;
using kernels::Matrix;
using kernels::MatrixOf;

struct Shape {
  std::size_t rows, draws, width;
};

template <class Number>
void score_draws(const Shape& s, const Number* x, const Number* vectors,
                 float* logits) {
  gemm(MatrixOf<Number>(x, s.rows, s.width),
       MatrixOf<Number>(vectors, s.draws, s.width).t(), logits, s.draws);
}

// From d mean / d logits to those of x [rows, width] and vectors
// [draws, width].
template <class Number>
void carry_back(const Shape& s, const Number* dlogits, const Number* x,
                const Number* vectors, float* dx, float* dvectors) {
  const MatrixOf<Number> d(dlogits, s.rows, s.draws);
  gemm(d, MatrixOf<Number>(vectors, s.draws, s.width), dx, s.width);
  gemm(d.t(), MatrixOf<Number>(x, s.rows, s.width), dvectors, s.width);
}

std::vector<Half> rounded(const float* x, std::size_t size) {
  std::vector<Half> out(size);
  kernels::to_bf16(x, out.data(), size);
  return out;
}

double dot(const float* a, const float* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

}  // namespace

double exact_logit(const ItemHead& head, const float* x, std::int64_t item) {
  const std::size_t width = head.weight->row_size();
  const float* vector =
      head.weight->data() + static_cast<std::size_t>(item) * width;
  const float bias = head.bias == nullptr ? 0.0F : head.bias->data()[item];
  return dot(x, vector, width) + static_cast<double>(bias);
}

void add_exact(const at::Tensor& hidden, const ItemHead& head,
               std::span<const std::int64_t> rows,
               std::span<const std::int64_t> begin,
               std::span<const std::int64_t> items,
               std::span<const float> slopes, float* dhidden) {
  const std::size_t width = head.weight->row_size();
  std::vector<RowTerm> weights(items.size()), biases(items.size());
  const auto add_row = [&](std::size_t r) {
    const auto row = static_cast<std::size_t>(rows[r]) * width;
    for (auto t = static_cast<std::size_t>(begin[r]);
         t < static_cast<std::size_t>(begin[r + 1]); ++t) {
      const float* from =
          head.weight->data() + static_cast<std::size_t>(items[t]) * width;
      for (std::size_t c = 0; c < width; ++c) {
        dhidden[row + c] += slopes[t] * from[c];
      }
      weights[t] = {items[t], hidden.data_ptr<float>() + row, slopes[t]};
      biases[t] = {items[t], &slopes[t], 1};
    }
  };
  at::parallel_for(0, static_cast<std::int64_t>(rows.size()), 64,
                   [&](std::int64_t a, std::int64_t b) {
                     for (; a < b; ++a) add_row(static_cast<std::size_t>(a));
                   });
  add_rows(*head.weight, weights);
  if (head.bias != nullptr) add_rows(*head.bias, biases);
}

std::vector<std::int64_t> draw_items(const NegativeSampler& sampler,
                                     int negatives, Rng& rng) {
  std::vector<std::int64_t> out;
  for (int i = 0; i < negatives; ++i) out.push_back(sampler.draw(rng));
  std::sort(out.begin(), out.end());
  return out;
}

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
  drawn_ = draw_items(sampler, negatives, rng);
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
  const float* x = hidden_.data_ptr<float>() +
                   static_cast<std::size_t>(targets_.rows[row]) * width_;
  return exact_logit(head_, x, targets_.items[t]);
}

LossValue SampledBatch::settle(
    const std::function<double(std::size_t row)>& settle_row) {
  LossValue out;
  out.slope = at::zeros_like(hidden_);
  out.weight = total_;
  if (total_ <= 0) return out;
  const at::Tensor rows = at::tensor(targets_.rows, at::kLong);
  const at::Tensor picked = hidden_.index_select(0, rows);
  const Shape shape{targets_.size(), drawn_.size(), width_};
  const float* x = picked.data_ptr<float>();
  logits_.resize(shape.rows * shape.draws);
  slopes_.resize(targets_.items.size());
  const bool half = head_.weight->precision == Precision::kBf16;
  std::vector<Half> half_x, half_vectors;
  if (half) {
    half_x = rounded(x, shape.rows * width_);
    half_vectors = rounded(vectors_.data(), vectors_.size());
    half_logits_.resize(logits_.size());
    score_draws(shape, half_x.data(), half_vectors.data(), logits_.data());
  } else {
    score_draws(shape, x, vectors_.data(), logits_.data());
  }

  std::vector<double> losses(targets_.size());
  at::parallel_for(0, static_cast<std::int64_t>(losses.size()), 16,
                   [&](std::int64_t a, std::int64_t b) {
                     for (auto r = static_cast<std::size_t>(a);
                          r < static_cast<std::size_t>(b); ++r) {
                       losses[r] = settle_row(r);
                       if (!half) continue;
                       kernels::to_bf16(row(r),
                                        half_logits_.data() + r * shape.draws,
                                        shape.draws);
                     }
                   });
  out.sum = std::accumulate(losses.begin(), losses.end(), 0.0);

  at::Tensor dpicked = at::empty_like(picked);
  std::vector<float> dvectors(vectors_.size());
  if (half) {
    carry_back(shape, half_logits_.data(), half_x.data(), half_vectors.data(),
               dpicked.data_ptr<float>(), dvectors.data());
  } else {
    carry_back(shape, logits_.data(), x, vectors_.data(),
               dpicked.data_ptr<float>(), dvectors.data());
  }
  out.slope.index_copy_(0, rows, dpicked);
  add_exact(hidden_, head_, targets_.rows, targets_.begin, targets_.items,
            slopes_, out.slope.data_ptr<float>());
  add_draws(dvectors);
  return out;
}

// The draws' part of the head's gradients.
void SampledBatch::add_draws(const std::vector<float>& dvectors) {
  const std::size_t rows = targets_.size(), draws = drawn_.size();
  const Matrix dlogits(logits_.data(), rows, draws);
  std::vector<float> bias(draws);
  const std::vector<float> ones(rows, 1.0F);
  gemm(Matrix(ones.data(), 1, rows), dlogits, bias.data(), draws);
  std::vector<RowTerm> weights, biases;
  for (std::size_t j = 0; j < draws; ++j) {
    weights.push_back({drawn_[j], dvectors.data() + j * width_, 1});
    biases.push_back({drawn_[j], bias.data() + j, 1});
  }
  add_rows(*head_.weight, weights);
  if (head_.bias != nullptr) add_rows(*head_.bias, biases);
}

}  // namespace ensue::nn
