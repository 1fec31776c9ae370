// SPDX-License-Identifier: Apache-2.0
// What the tests of ops and losses share: parameters from plain numbers, and
// gradients by finite differences.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "ensue/nn/packed.h"
#include "ensue/nn/parameter.h"

namespace ensue::nn {

inline at::Tensor random_tensor(std::int64_t rows, std::int64_t cols,
                                std::uint64_t seed) {
  Rng rng(seed);
  at::Tensor out = at::empty({rows, cols}, at::kFloat);
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    out.data_ptr<float>()[i] = static_cast<float>(0.5 * rng.normal());
  }
  return out;
}

inline std::unique_ptr<Parameter> parameter(const at::Tensor& value) {
  auto out = std::make_unique<Parameter>();
  out->value = value.clone();
  out->grad = at::zeros_like(value);
  return out;
}

inline std::unique_ptr<Parameter> table(const at::Tensor& value) {
  auto out = parameter(value);
  out->by_row = true;
  out->marks.resize(out->rows());
  out->clear_marks();
  return out;
}

/// The marked rows of a table.
inline std::vector<std::uint32_t> marked_rows(Parameter& table) {
  const auto rows = table.marks.rows();
  return {rows.begin(), rows.end()};
}

/// Sequences of the given lengths; items 0, 1, 2, …; gaps from none to days.
inline Packed packed(const std::vector<std::int64_t>& lengths) {
  Packed out;
  for (const std::int64_t length : lengths) {
    for (std::int64_t i = 0; i < length; ++i) {
      out.items.push_back(static_cast<std::int64_t>(out.items.size()));
      out.actions.push_back(0);
      out.positions.push_back(i);
      out.times.push_back(events::Millis{i * i * i * 1700});
    }
    out.offsets.push_back(out.offsets.back() + length);
  }
  return out;
}

/// Central differences of `loss` over every number of `x` against `slope`.
inline void expect_slope(const at::Tensor& x, const at::Tensor& slope,
                         const std::function<double()>& loss,
                         double tolerance = 2e-3) {
  constexpr float kStep = 1e-2F;
  float* at = x.data_ptr<float>();
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const float kept = at[i];
    at[i] = kept + kStep;
    const double high = loss();
    at[i] = kept - kStep;
    const double low = loss();
    at[i] = kept;
    EXPECT_NEAR(slope.data_ptr<float>()[i], (high - low) / (2 * kStep),
                tolerance)
        << "number " << i;
  }
}

}  // namespace ensue::nn
