// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/log_sum_exp.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ensue {
namespace {

// Four floats at once in the compilers' own words: every x86-64 has them, and
// no intrinsic is needed.
using Lanes = float __attribute__((vector_size(16)));
using Bits = std::uint32_t __attribute__((vector_size(16)));
using Wide = double __attribute__((vector_size(32)));
constexpr std::size_t kLanes = 4, kBlock = 4 * kLanes;
constexpr float kLowest = -std::numeric_limits<float>::infinity();

inline Lanes load(const float* from) {
  Lanes out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

inline Lanes all(float value) { return Lanes{value, value, value, value}; }

// e^x for x <= 0. Cephes' expf: x = n log 2 + r, a polynomial in r, n into the
// exponent bits. Anything below -87, NaN and -infinity included, gives e^-87,
// which is nothing beside the largest term, 1.
inline Lanes exp_of(Lanes in) {
  const Lanes x = in > -87.0F ? in : all(-87.0F);
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: rounds to an integer
  const Lanes shifted = x * 1.44269504088896341F + kShift;
  const Lanes n = shifted - kShift;
  const Lanes r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Lanes p = r * 1.9875691500e-4F + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  return std::bit_cast<Lanes>(std::bit_cast<Bits>(p) +
                              (std::bit_cast<Bits>(shifted) << 23));
}

// Calls use(block) with every sixteen logits; a short end is filled up with
// what counts as probability 0.
template <class Use>
void each_block(std::span<const float> logits, const Use& use) {
  std::size_t i = 0;
  for (; i + kBlock <= logits.size(); i += kBlock) use(logits.data() + i);
  if (i == logits.size()) return;
  float rest[kBlock];
  std::fill(rest, rest + kBlock, kLowest);
  std::copy(logits.begin() + static_cast<std::ptrdiff_t>(i), logits.end(),
            rest);
  use(rest);
}

float largest(std::span<const float> logits) {
  Lanes top[4] = {all(kLowest), all(kLowest), all(kLowest), all(kLowest)};
  each_block(logits, [&](const float* block) {
    for (std::size_t v = 0; v < 4; ++v) {
      const Lanes x = load(block + v * kLanes);
      top[v] = x > top[v] ? x : top[v];  // NaN never wins
    }
  });
  float out = kLowest;
  for (const Lanes& lanes : top) {
    for (std::size_t i = 0; i < kLanes; ++i) out = std::max(out, lanes[i]);
  }
  return out;
}

}  // namespace

double log_sum_exp(std::span<const float> logits) {
  const float top = largest(logits);
  if (top == kLowest) return static_cast<double>(kLowest);
  Wide sum = {0, 0, 0, 0};
  each_block(logits, [&](const float* block) {
    Lanes part = exp_of(load(block) - top);
    for (std::size_t v = 1; v < 4; ++v) {
      part += exp_of(load(block + v * kLanes) - top);
    }
    sum += __builtin_convertvector(part, Wide);
  });
  return static_cast<double>(top) +
         std::log((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

}  // namespace ensue
