// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/gemm.h"

#include <dnnl.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/base/error.h"

// Exported by oneDNN 2 and 3 for its own benchmarks, in no header; weak, so
// that a library without it is no link error.
extern "C" __attribute__((weak)) dnnl_status_t dnnl_gemm_bf16bf16f32(
    char transa, char transb, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
    float alpha, const std::uint16_t* a, dnnl_dim_t lda, const std::uint16_t* b,
    dnnl_dim_t ldb, float beta, float* c, dnnl_dim_t ldc);

namespace ensue::kernels {
namespace {

std::atomic<std::uint64_t> flops_done{0};

template <class M>
void count(const M& a, const M& b) {
  flops_done.fetch_add(2 * a.rows * a.cols * b.cols, std::memory_order_relaxed);
}

dnnl_dim_t size(std::size_t n) { return static_cast<dnnl_dim_t>(n); }

template <class M>
void check(const M& a, const M& b) {
  if (a.cols == b.rows) return;
  invalid("matrix product: " + std::to_string(a.cols) + " columns against " +
          std::to_string(b.rows) + " rows, expected the same");
}

// A sum over nothing is zero: true when that was all.
template <class M>
bool empty_product(const M& a, const M& b, float* c, std::size_t stride,
                   const Product& product) {
  if (a.rows != 0 && b.cols != 0 && a.cols != 0) return false;
  for (std::size_t r = 0; !product.add && r < a.rows; ++r) {
    std::fill_n(c + r * stride, b.cols, 0.0F);
  }
  return true;
}

void check_done(dnnl_status_t status) {
  if (status == dnnl_success) return;
  throw Error(Code::kUnavailable, "matrix product: oneDNN reports status " +
                                      std::to_string(status));
}

// The matrix as it lies in memory, in fp32.
std::vector<float> widened(const HalfMatrix& m) {
  const std::size_t rows = m.transposed ? m.cols : m.rows;
  const std::size_t cols = m.transposed ? m.rows : m.cols;
  std::vector<float> out(rows * m.stride);
  for (std::size_t r = 0; r < rows; ++r) {
    std::transform(m.data + r * m.stride, m.data + r * m.stride + cols,
                   out.data() + r * m.stride, from_bf16);
  }
  return out;
}

Matrix like(const HalfMatrix& m, const std::vector<float>& data) {
  Matrix out(data.data(), m.rows, m.cols, m.stride);
  out.transposed = m.transposed;
  return out;
}

}  // namespace

void gemm(const Matrix& a, const Matrix& b, float* c, std::size_t stride,
          const Product& product) {
  check(a, b);
  if (empty_product(a, b, c, stride, product)) return;
  count(a, b);
  check_done(dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N',
                        size(a.rows), size(b.cols), size(a.cols), product.scale,
                        a.data, size(a.stride), b.data, size(b.stride),
                        product.add ? 1.0F : 0.0F, c, size(stride)));
}

void gemm(const HalfMatrix& a, const HalfMatrix& b, float* c,
          std::size_t stride, const Product& product) {
  check(a, b);
  if (empty_product(a, b, c, stride, product)) return;
  if (!cpu_has_bf16() || dnnl_gemm_bf16bf16f32 == nullptr) {
    const auto wide_a = widened(a), wide_b = widened(b);
    return gemm(like(a, wide_a), like(b, wide_b), c, stride, product);
  }
  count(a, b);
  check_done(dnnl_gemm_bf16bf16f32(
      a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size(a.rows),
      size(b.cols), size(a.cols), product.scale, a.data, size(a.stride), b.data,
      size(b.stride), product.add ? 1.0F : 0.0F, c, size(stride)));
}

std::uint64_t product_flops() noexcept {
  return flops_done.load(std::memory_order_relaxed);
}

}  // namespace ensue::kernels
