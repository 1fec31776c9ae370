// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

namespace ensue {

/// xoshiro256** (Blackman & Vigna 2018, arXiv:1805.01407), seeded by
/// splitmix64. A satisfied std::uniform_random_bit_generator. Independent
/// streams come from `Rng(seed, stream)`. 32 bytes, copyable: its state can be
/// stored in a checkpoint through `state()`.
class Rng {
 public:
  using result_type = std::uint64_t;

  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0) noexcept {
    std::uint64_t x = mix(seed) ^ mix(stream + 0x632BE59BD9B4E019ULL);
    for (auto& word : s_) word = mix(x += 0x9E3779B97F4A7C15ULL);
  }

  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return ~0ULL; }

  std::uint64_t operator()() noexcept {
    const std::uint64_t result = rotl(s_[1] * 5, 7) * 9, t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = rotl(s_[3], 45);
    return result;
  }

  /// In [0, 1), 53 random bits.
  double uniform() noexcept {
    return static_cast<double>((*this)() >> 11) * 0x1.0p-53;
  }

  /// In [0, n), n > 0; unbiased (Lemire 2019, arXiv:1805.10941).
  std::uint64_t below(std::uint64_t n) noexcept {
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>((*this)()) * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t threshold = -n % n;
      while (static_cast<std::uint64_t>(product) < threshold) {
        product = static_cast<Wide>((*this)()) * n;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  bool chance(double probability) noexcept { return uniform() < probability; }

  /// Standard normal (Box-Muller, no cached half, so the stream stays simple).
  double normal() noexcept {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

  /// Exponential with mean 1.
  double exponential() noexcept { return -std::log(1 - uniform()); }

  const std::array<std::uint64_t, 4>& state() const noexcept { return s_; }
  void restore(const std::array<std::uint64_t, 4>& state) noexcept {
    s_ = state;
  }

  /// The splitmix64 finaliser: a good 64-bit mix of `x`.
  static constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
  }

 private:
  static constexpr std::uint64_t rotl(std::uint64_t x, int k) noexcept {
    return (x << k) | (x >> (64 - k));
  }
  std::array<std::uint64_t, 4> s_;
};

/// Fisher-Yates; the same order on every machine.
template <class Range>
void shuffle(Range& range, Rng& rng) {
  for (std::size_t i = range.size(); i > 1; --i) {
    std::swap(range[i - 1], range[rng.below(i)]);
  }
}

}  // namespace ensue
