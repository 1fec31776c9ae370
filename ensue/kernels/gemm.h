// SPDX-License-Identifier: Apache-2.0
// Matrix products in fp32 and bf16, through oneDNN.
#pragma once

#include <cstddef>

#include "ensue/kernels/bf16.h"

namespace ensue::kernels {

/// A row-major matrix, or the transpose of one, that somebody else owns.
/// `rows` and `cols` are of the matrix as it stands in the product; `stride`
/// is the distance between two rows in memory, in numbers.
template <class Number>
struct MatrixOf {
  const Number* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;
  bool transposed = false;

  MatrixOf() = default;
  MatrixOf(const Number* d, std::size_t r, std::size_t c)
      : MatrixOf(d, r, c, c) {}
  MatrixOf(const Number* d, std::size_t r, std::size_t c, std::size_t s)
      : data(d), rows(r), cols(c), stride(s) {}

  MatrixOf t() const noexcept {
    MatrixOf out(data, cols, rows, stride);
    out.transposed = !transposed;
    return out;
  }
};
using Matrix = MatrixOf<float>;
using HalfMatrix = MatrixOf<Half>;

/// What happens to the result: c = scale a b, or c += scale a b.
struct Product {
  bool add = false;
  float scale = 1;
};

/// c [a.rows, b.cols] becomes the product. `stride` is the row distance of c;
/// c overlaps neither input. Uses every OpenMP thread, or the calling one
/// alone inside a parallel region; the same threads give the same bits.
/// Empty products leave c as it is (add) or zero it.
/// @throws Error(kInvalidArgument) when the inner sizes differ.
void gemm(const Matrix& a, const Matrix& b, float* c, std::size_t stride,
          const Product& product = {});

/// The same from bf16 factors, summed in fp32.
void gemm(const HalfMatrix& a, const HalfMatrix& b, float* c,
          std::size_t stride, const Product& product = {});

/// Floating-point operations of all products of this process so far, two for
/// a multiply-add: for profiles.
std::uint64_t product_flops() noexcept;

}  // namespace ensue::kernels
