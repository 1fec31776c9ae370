// SPDX-License-Identifier: Apache-2.0
// embed, linear, layer_norm and dropout.
#include <algorithm>
#include <memory>
#include <utility>

#include "ensue/kernels/dropout.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/passes.h"
#include "ensue/nn/internal/portable_ops.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/internal/rows.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

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

const float* row_of(const Parameter& table, std::int64_t id,
                    const Parameter* mask) {
  if (id != kMasked) return table.data() + id * table.value.size(1);
  return mask == nullptr ? nullptr : mask->data();
}

}  // namespace

at::Tensor embed(Parameter& table, const std::vector<std::int64_t>& ids,
                 float scale, Parameter* mask) {
  if (is_portable(table.value)) return portable_embed(table, ids, scale, mask);
  const auto n = static_cast<std::int64_t>(ids.size());
  const auto width = static_cast<std::int64_t>(table.row_size());
  at::Tensor out = at::empty({n, width}, at::kFloat);
  float* to = out.data_ptr<float>();
  at::parallel_for(0, n, kGrain / width + 1,
                   [&](std::int64_t a, std::int64_t b) {
                     for (std::int64_t i = a; i < b; ++i) {
                       const std::int64_t id = ids[static_cast<std::size_t>(i)];
                       const float* row = row_of(table, id, mask);
                       if (row == nullptr) {
                         std::fill_n(to + i * width, width, 0.0F);
                         continue;
                       }
                       std::transform(row, row + width, to + i * width,
                                      [scale](float x) { return scale * x; });
                     }
                   });
  return record(out, {}, [&table, ids, scale, mask](const at::Tensor& grad) {
    std::vector<RowTerm> terms;
    terms.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const float* slope = grad.data_ptr<float>() + i * table.row_size();
      if (ids[i] != kMasked) {
        terms.push_back({ids[i], slope, scale});
      } else if (mask != nullptr) {
        kernels::add_scaled(slope, scale, mask->slope(), mask->size());
      }
    }
    add_rows(table, terms);
    return std::vector<at::Tensor>{};
  });
}

namespace {

void add_bias(const at::Tensor& y, const Parameter& bias, bool relu) {
  const auto width = static_cast<std::size_t>(y.size(1));
  at::parallel_for(0, y.size(0), kGrain / y.size(1) + 1,
                   [&](std::int64_t a, std::int64_t b) {
                     kernels::add_bias(
                         y.data_ptr<float>() + a * y.size(1), bias.data(),
                         static_cast<std::size_t>(b - a), width, relu);
                   });
}

// d loss / d y of relu's y; `grad` stays as it is.
at::Tensor relu_back(const at::Tensor& y, const at::Tensor& grad) {
  at::Tensor out = grad.clone();
  at::parallel_for(0, y.numel(), kGrain, [&](std::int64_t a, std::int64_t b) {
    kernels::relu_back(y.data_ptr<float>() + a, out.data_ptr<float>() + a,
                       static_cast<std::size_t>(b - a));
  });
  return out;
}

at::Tensor run_linear(const at::Tensor& x, Parameter& weight, Parameter& bias,
                      bool relu) {
  const LinearPass pass(x, weight);
  at::Tensor out = pass.forward();
  add_bias(out, bias, relu);
  const at::Tensor y = relu ? out.detach() : at::Tensor();
  return record(out, {x}, [pass, y, &bias](const at::Tensor& grad) {
    const at::Tensor slope = y.defined() ? relu_back(y, grad) : grad;
    add_column_sums(slope, bias.slope());
    return std::vector<at::Tensor>{pass.back(slope)};
  });
}

}  // namespace

at::Tensor linear(const at::Tensor& x, Parameter& weight, Parameter& bias) {
  if (is_portable(x)) return portable_linear(x, weight, bias);
  return run_linear(x, weight, bias, /*relu=*/false);
}

at::Tensor linear_relu(const at::Tensor& x, Parameter& weight,
                       Parameter& bias) {
  if (is_portable(x)) return at::relu(portable_linear(x, weight, bias));
  return run_linear(x, weight, bias, /*relu=*/true);
}

at::Tensor layer_norm(const at::Tensor& x, Parameter& weight, Parameter& bias) {
  if (is_portable(x)) {
    return portable_layer_norm(x, weight, bias, double{NormPass::kEpsilon});
  }
  const at::Tensor kept = x.detach();
  const auto norm = std::make_shared<NormPass>(x.size(0), weight, bias);
  at::Tensor out = norm->forward(kept, nullptr);
  return record(out, {x}, [kept, norm](const at::Tensor& grad) {
    at::Tensor dx = at::empty_like(kept);
    norm->back(kept, grad, dx, nullptr);
    return std::vector<at::Tensor>{dx};
  });
}

at::Tensor dropout(const at::Tensor& x, const at::Tensor& base,
                   const DropoutSite& site) {
  if (is_portable(x)) return portable_dropout(x, base, site);
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
