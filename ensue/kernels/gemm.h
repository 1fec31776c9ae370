// SPDX-License-Identifier: Apache-2.0
// fp32 matrix products, through oneDNN.
#pragma once

#include <cstddef>

namespace ensue::kernels {

/// A row-major matrix, or the transpose of one, that somebody else owns.
/// `rows` and `cols` are of the matrix as it stands in the product; `stride`
/// is the distance between two rows in memory, in floats.
struct Matrix {
  const float* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;
  bool transposed = false;

  Matrix() = default;
  Matrix(const float* d, std::size_t r, std::size_t c) : Matrix(d, r, c, c) {}
  Matrix(const float* d, std::size_t r, std::size_t c, std::size_t s)
      : data(d), rows(r), cols(c), stride(s) {}

  Matrix t() const noexcept {
    Matrix out(data, cols, rows, stride);
    out.transposed = !transposed;
    return out;
  }
};

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

}  // namespace ensue::kernels
