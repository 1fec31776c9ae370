// SPDX-License-Identifier: Apache-2.0
// Products of small matrices whose sum stays in registers, inside a Highway
// file.
#include <cstddef>

#if defined(ENSUE_KERNELS_SMALL_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ENSUE_KERNELS_SMALL_PRODUCT_INL_H
#undef ENSUE_KERNELS_SMALL_PRODUCT_INL_H
#else
#define ENSUE_KERNELS_SMALL_PRODUCT_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

/// Element (r, k) is at[r * row + k * step].
struct LeftFactor {
  const float* at;
  std::size_t row, step;
};

/// Element (k, c) is at[k * stride + c]; read in whole vectors.
struct RightFactor {
  const float* at;
  std::size_t stride;
};

/// Element (r, c) is at[r * stride + c]; written in whole vectors.
struct Sum {
  float* at;
  std::size_t stride;
  bool add = false;  // to what is there
};

using ProductTag = hwy::HWY_NAMESPACE::CappedTag<float, 16>;

// With 16 lanes 6 rows by 4 vectors fill 24 of 32 registers, with fewer lanes
// 6 by 2 fill 12 of 16.
inline constexpr int kProductRows = 6;
inline constexpr int kProductVectors =
    hwy::HWY_NAMESPACE::MaxLanes(ProductTag()) >= 16 ? 4 : 2;

template <int kRows, int kVectors>
HWY_INLINE void product_tile(const LeftFactor& a, const RightFactor& b,
                             const Sum& c, std::size_t inner) {
  namespace hn = hwy::HWY_NAMESPACE;
  const ProductTag d;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<ProductTag> sum[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      sum[r][v] =
          c.add ? hn::LoadU(d, c.at + static_cast<std::size_t>(r) * c.stride +
                                   static_cast<std::size_t>(v) * lanes)
                : hn::Zero(d);
    }
  }
  const float* left = a.at;
  const float* right = b.at;
  for (std::size_t k = 0; k < inner; ++k, left += a.step, right += b.stride) {
    hn::Vec<ProductTag> row[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      row[v] = hn::LoadU(d, right + static_cast<std::size_t>(v) * lanes);
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const auto value = hn::Set(d, left[static_cast<std::size_t>(r) * a.row]);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = hn::MulAdd(value, row[v], sum[r][v]);
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      hn::StoreU(sum[r][v], d,
                 c.at + static_cast<std::size_t>(r) * c.stride +
                     static_cast<std::size_t>(v) * lanes);
    }
  }
}

/// kRows rows by `cols` columns, a multiple of the lanes.
template <int kRows>
void product_rows(const LeftFactor& a, RightFactor b, Sum c, std::size_t inner,
                  std::size_t cols) {
  const std::size_t lanes = hwy::HWY_NAMESPACE::Lanes(ProductTag());
  const std::size_t step = kProductVectors * lanes;
  for (; cols >= step; cols -= step, b.at += step, c.at += step) {
    product_tile<kRows, kProductVectors>(a, b, c, inner);
  }
  if constexpr (kProductVectors == 4) {
    if (cols == 3 * lanes) return product_tile<kRows, 3>(a, b, c, inner);
    if (cols == 2 * lanes) return product_tile<kRows, 2>(a, b, c, inner);
  }
  if (cols > 0) product_tile<kRows, 1>(a, b, c, inner);
}

/// c becomes, or grows by, a b: `rows` at most kProductRows, `cols` a multiple
/// of the lanes.
HWY_INLINE void few_rows(const LeftFactor& a, const RightFactor& b,
                         const Sum& c, std::size_t rows, std::size_t inner,
                         std::size_t cols) {
  switch (rows) {
    case 6:
      return product_rows<6>(a, b, c, inner, cols);
    case 5:
      return product_rows<5>(a, b, c, inner, cols);
    case 4:
      return product_rows<4>(a, b, c, inner, cols);
    case 3:
      return product_rows<3>(a, b, c, inner, cols);
    case 2:
      return product_rows<2>(a, b, c, inner, cols);
    default:
      return product_rows<1>(a, b, c, inner, cols);
  }
}

/// to[c * to_stride + r] = scale * from[r * stride + c] of `rows` by `cols`.
struct Transposition {
  const float* from;
  std::size_t stride, rows, cols;
  float scale;
};

#if HWY_TARGET != HWY_SCALAR
HWY_INLINE void transpose_4x4(const Transposition& t, std::size_t r,
                              std::size_t c, float* to, std::size_t stride) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::FixedTag<float, 4> d;
  const auto scale = hn::Set(d, t.scale);
  const float* from = t.from + r * t.stride + c;
  const auto row = [&](std::size_t i) HWY_ATTR {
    return hn::Mul(scale, hn::LoadU(d, from + i * t.stride));
  };
  const auto x0 = row(0), x1 = row(1), x2 = row(2), x3 = row(3);
  const auto low01 = hn::InterleaveLower(d, x0, x1);
  const auto low23 = hn::InterleaveLower(d, x2, x3);
  const auto high01 = hn::InterleaveUpper(d, x0, x1);
  const auto high23 = hn::InterleaveUpper(d, x2, x3);
  hn::StoreU(hn::ConcatLowerLower(d, low23, low01), d, to);
  hn::StoreU(hn::ConcatUpperUpper(d, low23, low01), d, to + stride);
  hn::StoreU(hn::ConcatLowerLower(d, high23, high01), d, to + 2 * stride);
  hn::StoreU(hn::ConcatUpperUpper(d, high23, high01), d, to + 3 * stride);
}
#endif

HWY_INLINE void transpose(const Transposition& t, float* to,
                          std::size_t to_stride) {
  constexpr bool vectors = HWY_TARGET != HWY_SCALAR;
  const std::size_t rows = vectors ? t.rows / 4 * 4 : 0;
  const std::size_t cols = vectors ? t.cols / 4 * 4 : 0;
#if HWY_TARGET != HWY_SCALAR
  for (std::size_t r = 0; r < rows; r += 4) {
    for (std::size_t c = 0; c < cols; c += 4) {
      transpose_4x4(t, r, c, to + c * to_stride + r, to_stride);
    }
  }
#endif
  for (std::size_t r = 0; r < t.rows; ++r) {
    for (std::size_t c = r < rows ? cols : 0; c < t.cols; ++c) {
      to[c * to_stride + r] = t.scale * t.from[r * t.stride + c];
    }
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
