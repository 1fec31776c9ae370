// SPDX-License-Identifier: Apache-2.0
// embed, linear, layer_norm and dropout.
#include <algorithm>
#include <memory>
#include <utility>

#include "ensue/kernels/dropout.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/portable_ops.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/internal/rows.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

constexpr float kNormEpsilon = 1e-5F;

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
  const std::int64_t outputs = weight.value.size(0);
  at::Tensor out = at::empty({x.size(0), outputs}, at::kFloat);
  const at::Tensor kept = factor_of(x.detach(), weight.precision);
  product({kept}, transposed(weight.factor()), out.data_ptr<float>(),
          static_cast<std::size_t>(outputs));
  add_bias(out, bias, relu);
  const at::Tensor y = relu ? out.detach() : at::Tensor();
  return record(out, {x}, [kept, y, &weight, &bias](const at::Tensor& grad) {
    const at::Tensor g = y.defined() ? relu_back(y, grad) : grad;
    const at::Tensor slope = factor_of(g, weight.precision);
    at::Tensor dx = at::empty({kept.size(0), kept.size(1)}, at::kFloat);
    product({slope}, {weight.factor()}, dx.data_ptr<float>(),
            weight.row_size());
    product(transposed(slope), {kept}, weight.slope(), weight.row_size(),
            {.add = true});
    add_column_sums(g, bias.slope());
    return std::vector<at::Tensor>{dx};
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
    return portable_layer_norm(x, weight, bias, double{kNormEpsilon});
  }
  const auto width = static_cast<std::size_t>(x.size(1));
  const std::int64_t grain = kGrain / x.size(1) + 1;
  const at::Tensor kept = x.detach();
  const auto moments = std::make_shared<std::vector<kernels::RowMoments>>(
      static_cast<std::size_t>(x.size(0)));
  at::Tensor out = at::empty_like(kept);
  at::parallel_for(0, x.size(0), grain, [&](std::int64_t a, std::int64_t b) {
    kernels::layer_norm_rows(
        kept.data_ptr<float>() + a * x.size(1), weight.data(), bias.data(),
        kNormEpsilon, static_cast<std::size_t>(b - a), width,
        out.data_ptr<float>() + a * x.size(1), moments->data() + a);
  });
  return record(out, {x}, [=, &weight, &bias](const at::Tensor& grad) {
    at::Tensor dx = at::empty_like(kept);
    const auto workers = static_cast<std::int64_t>(
        workers_for(static_cast<std::size_t>(kept.numel()) * 8));
    const std::int64_t rows = kept.size(0), stride = kept.size(1);
    std::vector<float> sums(static_cast<std::size_t>(workers) * 2 * width);
    at::parallel_for(0, workers, 1, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t w = from; w < to; ++w) {
        const std::int64_t a = rows * w / workers, b = rows * (w + 1) / workers;
        float* own = sums.data() + static_cast<std::size_t>(w) * 2 * width;
        kernels::layer_norm_back(
            kept.data_ptr<float>() + a * stride, moments->data() + a,
            weight.data(), grad.data_ptr<float>() + a * stride,
            static_cast<std::size_t>(b - a), width,
            dx.data_ptr<float>() + a * stride, own, own + width);
      }
    });
    for (std::int64_t w = 0; w < workers; ++w) {
      const float* own = sums.data() + static_cast<std::size_t>(w) * 2 * width;
      kernels::add_scaled(own, 1, weight.slope(), width);
      kernels::add_scaled(own + width, 1, bias.slope(), width);
    }
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
