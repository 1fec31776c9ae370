// SPDX-License-Identifier: Apache-2.0
// embed, linear, layer_norm and dropout.
#include <algorithm>
#include <tuple>
#include <utility>

#include "ensue/kernels/dropout.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/internal/rows.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

constexpr double kNormEpsilon = 1e-5;

void run_dropout(const kernels::DropoutKey& key, const at::Tensor& x,
                 const float* base, const at::Tensor& out) {
  const float* from = x.data_ptr<float>();
  float* to = out.data_ptr<float>();
  at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t a, std::int64_t b) {
    kernels::dropout(key, static_cast<std::size_t>(a), from + a,
                     base == nullptr ? nullptr : base + a, to + a,
                     static_cast<std::size_t>(b - a));
  });
}

}  // namespace

at::Tensor embed(Parameter& table, const std::vector<std::int64_t>& ids,
                 float scale) {
  const auto n = static_cast<std::int64_t>(ids.size());
  const auto width = static_cast<std::int64_t>(table.row_size());
  at::Tensor out = at::empty({n, width}, at::kFloat);
  float* to = out.data_ptr<float>();
  at::parallel_for(
      0, n, kGrain / width + 1, [&](std::int64_t a, std::int64_t b) {
        for (std::int64_t i = a; i < b; ++i) {
          const float* row =
              table.data() + ids[static_cast<std::size_t>(i)] * width;
          std::transform(row, row + width, to + i * width,
                         [scale](float x) { return scale * x; });
        }
      });
  return record(out, {}, [&table, ids, scale](const at::Tensor& grad) {
    std::vector<RowTerm> terms;
    terms.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      terms.push_back(
          {ids[i], grad.data_ptr<float>() + i * table.row_size(), scale});
    }
    add_rows(table, terms);
    return std::vector<at::Tensor>{};
  });
}

at::Tensor linear(const at::Tensor& x, Parameter& weight, Parameter& bias) {
  const auto stride = static_cast<std::size_t>(weight.value.size(0));
  at::Tensor out = bias.value.repeat({x.size(0), 1});
  const at::Tensor kept = factor_of(x.detach(), weight.precision);
  product({kept}, transposed(weight.factor()), out.data_ptr<float>(), stride,
          {.add = true});
  return record(out, {x}, [kept, &weight, &bias](const at::Tensor& grad) {
    const at::Tensor slope = factor_of(grad, weight.precision);
    at::Tensor dx = at::empty({kept.size(0), kept.size(1)}, at::kFloat);
    product({slope}, {weight.factor()}, dx.data_ptr<float>(),
            weight.row_size());
    product(transposed(slope), {kept}, weight.slope(), weight.row_size(),
            {.add = true});
    add_column_sums(grad, bias.slope());
    return std::vector<at::Tensor>{dx};
  });
}

at::Tensor layer_norm(const at::Tensor& x, Parameter& weight, Parameter& bias) {
  const std::vector<std::int64_t> shape = {x.size(1)};
  at::Tensor out, mean, deviation;
  {
    const at::NoGradGuard no_grad;
    std::tie(out, mean, deviation) =
        at::native_layer_norm(x, shape, weight.value, bias.value, kNormEpsilon);
  }
  return record(out, {x},
                [x, shape, mean = mean, deviation = deviation, &weight,
                 &bias](const at::Tensor& grad) {
                  const auto [dx, dw, db] = at::native_layer_norm_backward(
                      grad, x, shape, mean, deviation, weight.value, bias.value,
                      {true, true, true});
                  weight.grad.add_(dw);
                  bias.grad.add_(db);
                  return std::vector<at::Tensor>{dx};
                });
}

at::Tensor dropout(const at::Tensor& x, const at::Tensor& base,
                   const DropoutSite& site) {
  const auto key =
      kernels::DropoutKey::make(site.seed, site.step, site.site, site.rate);
  at::Tensor out = at::empty_like(x);
  run_dropout(key, x, base.defined() ? base.data_ptr<float>() : nullptr, out);
  std::vector<at::Tensor> inputs = {x};
  if (base.defined()) inputs.push_back(base);
  const bool residual = base.defined();
  return record(out, inputs, [key, residual](const at::Tensor& grad) {
    at::Tensor dx = at::empty_like(grad);
    run_dropout(key, grad, nullptr, dx);
    std::vector<at::Tensor> grads = {dx};
    if (residual) grads.push_back(grad);
    return grads;
  });
}

}  // namespace ensue::nn
