// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/attention_row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

std::vector<float> random(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(size);
  for (float& x : out) x = static_cast<float>(rng.normal());
  return out;
}

// Whole rows of keys and values, in double.
std::vector<double> plain(const AttentionShape& shape, const float* query,
                          const std::vector<float>& keys,
                          const std::vector<float>& values, std::size_t count) {
  const std::size_t depth = shape.width / shape.heads;
  std::vector<double> out(shape.width, 0.0);
  for (std::size_t at = 0; at < shape.width; at += depth) {
    std::vector<double> share(count, 0.0);
    double total = 0;
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t i = at; i < at + depth; ++i) {
        share[j] += double{query[i]} * keys[j * shape.width + i];
      }
      total += share[j] =
          std::exp(share[j] / std::sqrt(static_cast<double>(depth)));
    }
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t i = at; i < at + depth; ++i) {
        out[i] += share[j] / total * values[j * shape.width + i];
      }
    }
  }
  return out;
}

TEST(AttentionRow, EqualsPlainAttentionOverEveryCount) {
  on_every_level([] {
    for (const std::size_t heads : {1, 2, 5}) {
      const AttentionShape shape{.width = 70, .heads = heads, .window = 37};
      const std::size_t floats = shape.window * shape.width;
      const auto q = random(shape.width, 1), k = random(floats, 2);
      const auto v = random(floats, 3);
      std::vector<float> keys(shape.keys()), values(shape.values());
      std::vector<float> scores(shape.stride()), out(shape.width);
      for (std::size_t t = 0; t < shape.window; ++t) {
        attention_store(shape, t, &k[t * shape.width], &v[t * shape.width],
                        keys.data(), values.data());
        attention_row(shape, q.data(), keys.data(), values.data(), t + 1,
                      scores.data(), out.data());
        const auto expected = plain(shape, q.data(), k, v, t + 1);
        for (std::size_t i = 0; i < shape.width; ++i) {
          ASSERT_NEAR(out[i], expected[i], 2e-6)
              << heads << " heads, event " << t << ", dimension " << i;
        }
      }
    }
  });
}

TEST(AttentionRow, WhatStandsBehindTheCountDoesNotMatter) {
  on_every_level([] {
    const AttentionShape shape{.width = 8, .heads = 2, .window = 20};
    const auto q = random(8, 1), k = random(160, 2), v = random(160, 3);
    std::vector<float> keys(shape.keys()), values(shape.values());
    std::vector<float> scores(shape.stride()), before(8), after(8);
    for (std::size_t t = 0; t < 20; ++t) {
      attention_store(shape, t, &k[t * 8], &v[t * 8], keys.data(),
                      values.data());
      if (t == 10) {
        attention_row(shape, q.data(), keys.data(), values.data(), 11,
                      scores.data(), before.data());
      }
    }
    attention_row(shape, q.data(), keys.data(), values.data(), 11,
                  scores.data(), after.data());
    EXPECT_EQ(std::memcmp(before.data(), after.data(), 32), 0);
  });
}

TEST(AttentionRow, EqualKeysGiveTheMeanValue) {
  const AttentionShape shape{.width = 1, .heads = 1, .window = 2};
  std::vector<float> keys(shape.keys()), values(shape.values()), scores(16);
  const float zero = 0, two = 2, four = 4;
  attention_store(shape, 0, &zero, &two, keys.data(), values.data());
  attention_store(shape, 1, &zero, &four, keys.data(), values.data());
  float out = 0;
  attention_row(shape, &zero, keys.data(), values.data(), 2, scores.data(),
                &out);
  EXPECT_FLOAT_EQ(out, 3);
}

}  // namespace
}  // namespace ensue::kernels
