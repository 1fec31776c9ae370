// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/gemm.h"

#include <dnnl.h>

#include <algorithm>
#include <string>

#include "ensue/base/error.h"

namespace ensue::kernels {
namespace {

void check(const Matrix& a, const Matrix& b) {
  if (a.cols == b.rows) return;
  invalid("matrix product: " + std::to_string(a.cols) + " columns against " +
          std::to_string(b.rows) + " rows, expected the same");
}

// A sum over nothing is zero.
void empty_product(const Matrix& a, const Matrix& b, float* c,
                   std::size_t stride, const Product& product) {
  if (product.add) return;
  for (std::size_t r = 0; r < a.rows; ++r) {
    std::fill_n(c + r * stride, b.cols, 0.0F);
  }
}

}  // namespace

void gemm(const Matrix& a, const Matrix& b, float* c, std::size_t stride,
          const Product& product) {
  check(a, b);
  if (a.rows == 0 || b.cols == 0 || a.cols == 0) {
    return empty_product(a, b, c, stride, product);
  }
  const auto size = [](std::size_t n) { return static_cast<dnnl_dim_t>(n); };
  const dnnl_status_t status = dnnl_sgemm(
      a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size(a.rows),
      size(b.cols), size(a.cols), product.scale, a.data, size(a.stride), b.data,
      size(b.stride), product.add ? 1.0F : 0.0F, c, size(stride));
  if (status != dnnl_success) {
    throw Error(Code::kUnavailable, "matrix product: oneDNN reports status " +
                                        std::to_string(status));
  }
}

}  // namespace ensue::kernels
