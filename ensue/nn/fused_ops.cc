// SPDX-License-Identifier: Apache-2.0
// linear_gelu, residual and residual_norm: what follows a matrix product, in
// one pass over its rows.
#include <memory>
#include <vector>

#include "ensue/kernels/dropout.h"
#include "ensue/nn/autograd.h"
#include "ensue/nn/internal/parallel.h"
#include "ensue/nn/internal/passes.h"
#include "ensue/nn/internal/portable_ops.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

template <class F>
void for_rows(const at::Tensor& x, const F& body) {
  at::parallel_for(0, x.size(0), kGrain / x.size(1) + 1, body);
}

at::Tensor portable_residual(const Residual& r) {
  const at::Tensor x = portable_linear(r.x, r.weight, r.bias);
  return r.site.rate > 0 ? portable_dropout(x, r.base, r.site) : r.base + x;
}

// The sum in place of the product's rows, and the way back.
class Sum {
 public:
  explicit Sum(const Residual& r)
      : pass_(r.x, r.weight),
        bias_(r.bias),
        key_(kernels::DropoutKey::make(r.site.seed, r.site.step, r.site.site,
                                       r.site.rate)),
        width_(r.base.size(1)) {}

  at::Tensor product() const { return pass_.forward(); }

  void add(const at::Tensor& y, const at::Tensor& base, std::int64_t first,
           std::int64_t rows) const {
    const std::int64_t at = first * width_;
    kernels::bias_dropout_add(
        key_, static_cast<std::size_t>(at), y.data_ptr<float>() + at,
        bias_.data(), base.data_ptr<float>() + at,
        static_cast<std::size_t>(rows), static_cast<std::size_t>(width_),
        y.data_ptr<float>() + at);
  }

  // What dropout passes of the sum's gradient, for these rows.
  void drop(const at::Tensor& dsum, const at::Tensor& slope, std::int64_t first,
            std::int64_t rows) const {
    const std::int64_t at = first * width_;
    kernels::dropout(key_, static_cast<std::size_t>(at),
                     dsum.data_ptr<float>() + at, nullptr,
                     slope.data_ptr<float>() + at,
                     static_cast<std::size_t>(rows * width_));
  }
  at::Tensor dropped(const at::Tensor& dsum) const {
    if (key_.rate == 0) return dsum;
    at::Tensor slope = at::empty_like(dsum);
    for_rows(dsum, [&](std::int64_t a, std::int64_t b) {
      drop(dsum, slope, a, b - a);
    });
    return slope;
  }

  // Gradients of x and base.
  std::vector<at::Tensor> back(const at::Tensor& slope,
                               const at::Tensor& dsum) const {
    add_column_sums(slope, bias_.slope());
    return {pass_.back(slope), dsum};
  }

 private:
  LinearPass pass_;
  Parameter& bias_;
  kernels::DropoutKey key_;
  std::int64_t width_;
};

}  // namespace

at::Tensor linear_gelu(const at::Tensor& x, Parameter& weight,
                       Parameter& bias) {
  if (is_portable(x)) return at::gelu(portable_linear(x, weight, bias));
  const LinearPass pass(x, weight);
  const at::Tensor y = pass.forward();
  at::Tensor out = at::empty_like(y);
  const auto width = static_cast<std::size_t>(y.size(1));
  for_rows(y, [&](std::int64_t a, std::int64_t b) {
    const std::int64_t at = a * y.size(1);
    kernels::bias_gelu(y.data_ptr<float>() + at, bias.data(),
                       static_cast<std::size_t>(b - a), width,
                       out.data_ptr<float>() + at);
  });
  return record(out, {x}, [pass, y, &bias](const at::Tensor& grad) {
    at::Tensor slope = at::empty_like(y);
    at::parallel_for(
        0, y.numel(), kGrain / 4, [&](std::int64_t a, std::int64_t b) {
          kernels::gelu_back(
              y.data_ptr<float>() + a, grad.data_ptr<float>() + a,
              slope.data_ptr<float>() + a, static_cast<std::size_t>(b - a));
        });
    add_column_sums(slope, bias.slope());
    return std::vector<at::Tensor>{pass.back(slope)};
  });
}

at::Tensor residual(const Residual& r) {
  if (is_portable(r.x)) return portable_residual(r);
  const Sum sum(r);
  at::Tensor out = sum.product();
  for_rows(out, [&](std::int64_t a, std::int64_t b) {
    sum.add(out, r.base, a, b - a);
  });
  return record(out, {r.x, r.base}, [sum](const at::Tensor& grad) {
    return sum.back(sum.dropped(grad), grad);
  });
}

Normed residual_norm(const Residual& r, Parameter& norm_weight,
                     Parameter& norm_bias) {
  if (is_portable(r.x)) {
    const at::Tensor sum = portable_residual(r);
    return {sum, layer_norm(sum, norm_weight, norm_bias)};
  }
  const Sum sum(r);
  const at::Tensor out = sum.product(), kept = out.detach();
  const auto norm =
      std::make_shared<NormPass>(out.size(0), norm_weight, norm_bias);
  const at::Tensor normed =
      norm->forward(kept, [&](std::int64_t first, std::int64_t rows) {
        sum.add(kept, r.base, first, rows);
      });
  const auto results = record(
      {out, normed}, {r.x, r.base},
      [sum, kept, norm](const std::vector<at::Tensor>& grads) {
        if (!grads[1].defined()) {
          return sum.back(sum.dropped(grads[0]), grads[0]);
        }
        const at::Tensor dsum = at::empty_like(kept);
        const at::Tensor slope = at::empty_like(kept);
        norm->back(kept, grads[1], dsum,
                   [&](std::int64_t first, std::int64_t rows) {
                     if (grads[0].defined()) {
                       const std::int64_t at = first * kept.size(1);
                       kernels::add_scaled(
                           grads[0].data_ptr<float>() + at, 1,
                           dsum.data_ptr<float>() + at,
                           static_cast<std::size_t>(rows * kept.size(1)));
                     }
                     sum.drop(dsum, slope, first, rows);
                   });
        return sum.back(slope, dsum);
      });
  return {results[0], results[1]};
}

}  // namespace ensue::nn
