// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/internal/passes.h"

#include <algorithm>

#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/product.h"

namespace ensue::nn {
namespace {

constexpr std::int64_t kBlock = 16;  // rows, which stay in the first cache

// Calls body(first, rows) for blocks of the rows [begin, end).
template <class F>
void for_blocks(std::int64_t begin, std::int64_t end, const F& body) {
  for (std::int64_t r = begin; r < end; r += kBlock) {
    body(r, std::min(kBlock, end - r));
  }
}

}  // namespace

LinearPass::LinearPass(const at::Tensor& x, Parameter& weight)
    : kept_(factor_of(x.detach(), weight.precision)), weight_(weight) {}

at::Tensor LinearPass::forward() const {
  const std::int64_t outputs = weight_.value.size(0);
  at::Tensor out = at::empty({kept_.size(0), outputs}, at::kFloat);
  product({kept_}, transposed(weight_.factor()), out.data_ptr<float>(),
          static_cast<std::size_t>(outputs));
  return out;
}

at::Tensor LinearPass::back(const at::Tensor& slope) const {
  const at::Tensor factor = factor_of(slope, weight_.precision);
  at::Tensor dx = at::empty({kept_.size(0), kept_.size(1)}, at::kFloat);
  product({factor}, {weight_.factor()}, dx.data_ptr<float>(),
          weight_.row_size());
  product(transposed(factor), {kept_}, weight_.slope(), weight_.row_size(),
          {.add = true});
  return dx;
}

NormPass::NormPass(std::int64_t rows, Parameter& weight, Parameter& bias)
    : weight_(weight), bias_(bias), moments_(static_cast<std::size_t>(rows)) {}

at::Tensor NormPass::forward(const at::Tensor& x, const Rows& make) {
  const std::int64_t width = x.size(1);
  at::Tensor out = at::empty_like(x);
  const float* from = x.data_ptr<float>();
  float* to = out.data_ptr<float>();
  at::parallel_for(
      0, x.size(0), kGrain / width + 1, [&](std::int64_t a, std::int64_t b) {
        for_blocks(a, b, [&](std::int64_t first, std::int64_t rows) {
          if (make) make(first, rows);
          kernels::layer_norm_rows(
              from + first * width, weight_.data(), bias_.data(), kEpsilon,
              static_cast<std::size_t>(rows), static_cast<std::size_t>(width),
              to + first * width, moments_.data() + first);
        });
      });
  return out;
}

void NormPass::back(const at::Tensor& x, const at::Tensor& grad,
                    const at::Tensor& dx, const Rows& then) const {
  const std::int64_t rows = x.size(0), stride = x.size(1);
  const auto width = static_cast<std::size_t>(stride);
  const auto workers = static_cast<std::int64_t>(
      workers_for(static_cast<std::size_t>(x.numel()) * 8));
  std::vector<float> sums(static_cast<std::size_t>(workers) * 2 * width);
  const float *at_x = x.data_ptr<float>(), *at_grad = grad.data_ptr<float>();
  float* to = dx.data_ptr<float>();
  at::parallel_for(0, workers, 1, [&](std::int64_t from, std::int64_t until) {
    for (std::int64_t w = from; w < until; ++w) {
      float* own = sums.data() + static_cast<std::size_t>(w) * 2 * width;
      for_blocks(rows * w / workers, rows * (w + 1) / workers,
                 [&](std::int64_t first, std::int64_t n) {
                   kernels::layer_norm_back(
                       at_x + first * stride, moments_.data() + first,
                       weight_.data(), at_grad + first * stride,
                       static_cast<std::size_t>(n), width, to + first * stride,
                       own, own + width);
                   if (then) then(first, n);
                 });
    }
  });
  for (std::int64_t w = 0; w < workers; ++w) {
    const float* own = sums.data() + static_cast<std::size_t>(w) * 2 * width;
    kernels::add_scaled(own, 1, weight_.slope(), width);
    kernels::add_scaled(own + width, 1, bias_.slope(), width);
  }
}

}  // namespace ensue::nn
