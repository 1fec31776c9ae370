// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/train_rows.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/train_rows.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"
#include "ensue/kernels/internal/gelu-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// A block of columns stays in registers while the rows pass by.
void add_columns(const float* x, std::size_t rows, std::size_t width,
                 std::size_t stride, float* out) {
  each(width, [=](auto d, std::size_t c) HWY_ATTR {
    auto sum = hn::LoadU(d, out + c);
    for (std::size_t r = 0; r < rows; ++r) {
      sum = hn::Add(sum, hn::LoadU(d, x + r * stride + c));
    }
    hn::StoreU(sum, d, out + c);
  });
}

void add_scaled(const float* x, float scale, float* out, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    hn::StoreU(hn::MulAdd(hn::Set(d, scale), hn::LoadU(d, x + i),
                          hn::LoadU(d, out + i)),
               d, out + i);
  });
}

void add_bias(float* y, const float* bias, std::size_t rows, std::size_t width,
              bool relu) {
  for (std::size_t r = 0; r < rows; ++r, y += width) {
    each(width, [=](auto d, std::size_t c) HWY_ATTR {
      auto v = hn::Add(hn::LoadU(d, y + c), hn::LoadU(d, bias + c));
      if (relu) v = hn::Max(v, hn::Zero(d));
      hn::StoreU(v, d, y + c);
    });
  }
}

void bias_gelu(float* y, const float* bias, std::size_t rows, std::size_t width,
               float* out) {
  for (std::size_t r = 0; r < rows; ++r, y += width, out += width) {
    each(width, [=](auto d, std::size_t c) HWY_ATTR {
      const auto v = hn::Add(hn::LoadU(d, y + c), hn::LoadU(d, bias + c));
      hn::StoreU(v, d, y + c);
      hn::StoreU(gelu(d, v), d, out + c);
    });
  }
}

void gelu_back(const float* y, const float* dout, float* slope,
               std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto bend = gelu_slope(d, hn::LoadU(d, y + i));
    hn::StoreU(hn::Mul(hn::LoadU(d, dout + i), bend), d, slope + i);
  });
}

void relu_back(const float* y, float* slope, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto on = hn::Gt(hn::LoadU(d, y + i), hn::Zero(d));
    hn::StoreU(hn::IfThenElseZero(on, hn::LoadU(d, slope + i)), d, slope + i);
  });
}

// Sum over a row of body(vector of places), the rest of a row in scalars.
template <class Body, class One>
HWY_INLINE float sum_row(std::size_t width, const Body& body, const One& one) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto sum = hn::Zero(d);
  std::size_t i = 0;
  for (; i + lanes <= width; i += lanes) sum = hn::Add(sum, body(d, i));
  float out = hn::GetLane(hn::SumOfLanes(d, sum));
  for (; i < width; ++i) out += one(i);
  return out;
}

void layer_norm_rows(const float* x, const float* weight, const float* bias,
                     float epsilon, std::size_t rows, std::size_t width,
                     float* out, RowMoments* moments) {
  const float share = 1 / static_cast<float>(width);
  for (std::size_t r = 0; r < rows; ++r, x += width, out += width) {
    const float mean = share * sum_row(
                                   width,
                                   [=](auto d, std::size_t i)
                                       HWY_ATTR { return hn::LoadU(d, x + i); },
                                   [=](std::size_t i) { return x[i]; });
    const float variance =
        share *
        sum_row(
            width,
            [=](auto d, std::size_t i) HWY_ATTR {
              const auto off = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
              return hn::Mul(off, off);
            },
            [=](std::size_t i) { return (x[i] - mean) * (x[i] - mean); });
    const float inverse = 1 / std::sqrt(variance + epsilon);
    moments[r] = {mean, inverse};
    each(width, [=](auto d, std::size_t i) HWY_ATTR {
      const auto off = hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean));
      const auto scaled =
          hn::Mul(hn::Mul(off, hn::Set(d, inverse)), hn::LoadU(d, weight + i));
      hn::StoreU(hn::Add(scaled, hn::LoadU(d, bias + i)), d, out + i);
    });
  }
}

// With z = (x - mean) inverse and g = dout weight:
//   dx = inverse (g - mean(g) - z mean(g z))
void layer_norm_back(const float* x, const RowMoments* moments,
                     const float* weight, const float* dout, std::size_t rows,
                     std::size_t width, float* dx, float* dweight,
                     float* dbias) {
  const float share = 1 / static_cast<float>(width);
  for (std::size_t r = 0; r < rows;
       ++r, x += width, dout += width, dx += width) {
    const float mean = moments[r].mean, inverse = moments[r].inverse;
    each(width, [=](auto d, std::size_t i) HWY_ATTR {
      const auto slope = hn::LoadU(d, dout + i);
      const auto z = hn::Mul(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)),
                             hn::Set(d, inverse));
      hn::StoreU(hn::MulAdd(slope, z, hn::LoadU(d, dweight + i)), d,
                 dweight + i);
      hn::StoreU(hn::Add(hn::LoadU(d, dbias + i), slope), d, dbias + i);
      hn::StoreU(hn::Mul(slope, hn::LoadU(d, weight + i)), d, dx + i);
    });
    const float mean_g = share * sum_row(
                                     width,
                                     [=](auto d, std::size_t i) HWY_ATTR {
                                       return hn::LoadU(d, dx + i);
                                     },
                                     [=](std::size_t i) { return dx[i]; });
    const float mean_gz =
        share * inverse *
        sum_row(
            width,
            [=](auto d, std::size_t i) HWY_ATTR {
              return hn::Mul(hn::LoadU(d, dx + i),
                             hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)));
            },
            [=](std::size_t i) { return dx[i] * (x[i] - mean); });
    each(width, [=](auto d, std::size_t i) HWY_ATTR {
      const auto z = hn::Mul(hn::Sub(hn::LoadU(d, x + i), hn::Set(d, mean)),
                             hn::Set(d, inverse));
      const auto centred = hn::Sub(hn::LoadU(d, dx + i), hn::Set(d, mean_g));
      hn::StoreU(hn::Mul(hn::Set(d, inverse),
                         hn::NegMulAdd(z, hn::Set(d, mean_gz), centred)),
                 d, dx + i);
    });
  }
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(add_columns);
HWY_EXPORT(add_scaled);
HWY_EXPORT(add_bias);
HWY_EXPORT(bias_gelu);
HWY_EXPORT(gelu_back);
HWY_EXPORT(relu_back);
HWY_EXPORT(layer_norm_rows);
HWY_EXPORT(layer_norm_back);

void add_columns(const float* x, std::size_t rows, std::size_t width,
                 std::size_t stride, float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(add_columns)(x, rows, width, stride, out);
}

void add_scaled(const float* x, float scale, float* out,
                std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(add_scaled)(x, scale, out, size);
}

void add_bias(float* y, const float* bias, std::size_t rows, std::size_t width,
              bool relu) noexcept {
  HWY_DYNAMIC_DISPATCH(add_bias)(y, bias, rows, width, relu);
}

void bias_gelu(float* y, const float* bias, std::size_t rows, std::size_t width,
               float* out) noexcept {
  HWY_DYNAMIC_DISPATCH(bias_gelu)(y, bias, rows, width, out);
}

void gelu_back(const float* y, const float* dout, float* slope,
               std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(gelu_back)(y, dout, slope, size);
}

void relu_back(const float* y, float* slope, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(relu_back)(y, slope, size);
}

void layer_norm_rows(const float* x, const float* weight, const float* bias,
                     float epsilon, std::size_t rows, std::size_t width,
                     float* out, RowMoments* moments) noexcept {
  HWY_DYNAMIC_DISPATCH(layer_norm_rows)
  (x, weight, bias, epsilon, rows, width, out, moments);
}

void layer_norm_back(const float* x, const RowMoments* moments,
                     const float* weight, const float* dout, std::size_t rows,
                     std::size_t width, float* dx, float* dweight,
                     float* dbias) noexcept {
  HWY_DYNAMIC_DISPATCH(layer_norm_back)
  (x, moments, weight, dout, rows, width, dx, dweight, dbias);
}

}  // namespace ensue::kernels
#endif
