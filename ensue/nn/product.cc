// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/internal/product.h"

#include "ensue/kernels/train_rows.h"
#include "ensue/nn/internal/parallel.h"

namespace ensue::nn {
namespace {

using kernels::Half;

template <class Number, class Stored>
kernels::MatrixOf<Number> matrix(const Side& side) {
  const kernels::MatrixOf<Number> out(
      reinterpret_cast<const Number*>(side.x.data_ptr<Stored>()),
      static_cast<std::size_t>(side.x.size(0)),
      static_cast<std::size_t>(side.x.size(1)));
  return side.transposed ? out.t() : out;
}

}  // namespace

at::Tensor factor_of(const at::Tensor& x, Precision precision) {
  if (precision == Precision::kFp32) return x;
  at::Tensor out = at::empty(x.sizes(), at::kBFloat16);
  const float* from = x.data_ptr<float>();
  Half* to = reinterpret_cast<Half*>(out.data_ptr<at::BFloat16>());
  at::parallel_for(0, x.numel(), kGrain, [&](std::int64_t a, std::int64_t b) {
    kernels::to_bf16(from + a, to + a, static_cast<std::size_t>(b - a));
  });
  return out;
}

void product(const Side& a, const Side& b, float* c, std::size_t stride,
             const kernels::Product& how) {
  if (a.x.scalar_type() == at::kBFloat16) {
    return kernels::gemm(matrix<Half, at::BFloat16>(a),
                         matrix<Half, at::BFloat16>(b), c, stride, how);
  }
  kernels::gemm(matrix<float, float>(a), matrix<float, float>(b), c, stride,
                how);
}

void add_column_sums(const float* x, std::size_t rows, std::size_t cols,
                     float* out) {
  const auto grain =
      kGrain / static_cast<std::int64_t>(std::max<std::size_t>(1, rows)) + 16;
  at::parallel_for(0, static_cast<std::int64_t>(cols), grain,
                   [&](std::int64_t a, std::int64_t b) {
                     kernels::add_columns(x + a, rows,
                                          static_cast<std::size_t>(b - a), cols,
                                          out + a);
                   });
}

void add_column_sums(const at::Tensor& x, float* out) {
  add_column_sums(x.data_ptr<float>(), static_cast<std::size_t>(x.size(0)),
                  static_cast<std::size_t>(x.size(1)), out);
}

}  // namespace ensue::nn
