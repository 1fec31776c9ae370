// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/pointwise_row.h"

#include <gtest/gtest.h>

#include <algorithm>
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

constexpr std::size_t kEvents = 100;

/// Events [begin, end) of a long history, laid out as one user's memory.
struct Memory {
  AttentionShape shape;
  std::vector<float> k = random(kEvents * shape.width, 2);
  std::vector<float> v = random(kEvents * shape.width, 3);
  std::vector<float> by_age = random(shape.window, 4);
  std::vector<float> keys = std::vector<float>(shape.keys());
  std::vector<float> values = std::vector<float>(shape.values());

  // The event's place is that of its number, modulo the window, plus `shift`.
  std::vector<float> ask(const std::vector<float>& query, std::size_t begin,
                         std::size_t end, std::size_t shift = 0) {
    std::vector<float> bias(shape.window), scores(shape.stride());
    for (std::size_t t = begin; t < end; ++t) {
      const std::size_t place = (t + shift) % shape.window;
      attention_store(shape, place, &k[t * shape.width], &v[t * shape.width],
                      keys.data(), values.data());
      bias[place] = by_age[end - 1 - t];
    }
    std::vector<float> out(shape.width);
    pointwise_row(
        shape, {.oldest = (begin + shift) % shape.window, .count = end - begin},
        query.data(), keys.data(), values.data(), bias.data(), scores.data(),
        out.data());
    return out;
  }

  double expected(const std::vector<float>& query, std::size_t begin,
                  std::size_t end, std::size_t dimension) const {
    const std::size_t depth = shape.width / shape.heads;
    const std::size_t head = dimension / depth * depth;
    double out = 0;
    for (std::size_t t = begin; t < end; ++t) {
      double z = by_age[end - 1 - t];
      for (std::size_t i = head; i < head + depth; ++i) {
        z += double{query[i]} * k[t * shape.width + i];
      }
      out += z / (1 + std::exp(-z)) * v[t * shape.width + dimension];
    }
    return out / static_cast<double>(shape.window);
  }
};

TEST(PointwiseRow, SumsOverTheWindowHoweverFarTheRingHasTurned) {
  on_every_level([] {
    for (const std::size_t heads : {1, 2, 5}) {
      Memory memory{{.width = 70, .heads = heads, .window = 37}};
      const auto query = random(70, 1);
      for (std::size_t end = 1; end <= kEvents; ++end) {
        const std::size_t begin = end - std::min<std::size_t>(end, 37);
        const auto out = memory.ask(query, begin, end);
        for (std::size_t i = 0; i < 70; ++i) {
          ASSERT_NEAR(out[i], memory.expected(query, begin, end, i), 3e-6)
              << heads << " heads, event " << end << ", dimension " << i;
        }
      }
    }
  });
}

TEST(PointwiseRow, BitsDoNotDependOnWhereTheRingBegins) {
  on_every_level([] {
    const AttentionShape shape{.width = 24, .heads = 2, .window = 21};
    const auto query = random(24, 1);
    const auto straight = Memory{shape}.ask(query, 0, 21);
    for (std::size_t shift = 1; shift < 21; ++shift) {
      const auto turned = Memory{shape}.ask(query, 0, 21, shift);
      ASSERT_EQ(std::memcmp(straight.data(), turned.data(), 24 * sizeof(float)),
                0)
          << "turned by " << shift;
    }
  });
}

TEST(PointwiseRow, AWeightIsNoShareOfAWhole) {
  const AttentionShape shape{.width = 1, .heads = 1, .window = 2};
  std::vector<float> keys(shape.keys()), values(shape.values()), scores(16);
  const float zero = 0, two = 2, four = 4;
  attention_store(shape, 0, &zero, &two, keys.data(), values.data());
  attention_store(shape, 1, &zero, &four, keys.data(), values.data());
  const float bias[] = {100, 200};  // silu is the identity up there
  float out = 0;
  pointwise_row(shape, {.oldest = 0, .count = 2}, &zero, keys.data(),
                values.data(), bias, scores.data(), &out);
  EXPECT_FLOAT_EQ(out, (100 * 2 + 200 * 4) / 2.0F);
}

}  // namespace
}  // namespace ensue::kernels
