// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace ensue {
namespace {

// First outputs of the authors' xoshiro256starstar.c from state {1, 2, 3, 4}.
TEST(Rng, EqualsTheReferenceImplementation) {
  Rng rng(0);
  rng.restore({1, 2, 3, 4});
  EXPECT_EQ(rng(), 11520ULL);
  EXPECT_EQ(rng(), 0ULL);
  EXPECT_EQ(rng(), 1509978240ULL);
  EXPECT_EQ(rng(), 1215971899390074240ULL);
}

TEST(Rng, TheSameSeedGivesTheSameStream) {
  Rng a(7, 3), b(7, 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a(), b());
}

TEST(Rng, SeedsAndStreamsDiffer) {
  EXPECT_NE(Rng(1)(), Rng(2)());
  EXPECT_NE(Rng(1, 0)(), Rng(1, 1)());
}

TEST(Rng, ARestoredStateGoesOnWhereItWas) {
  Rng a(5);
  a();
  const auto state = a.state();
  const auto next = a();
  Rng b(9);
  b.restore(state);
  EXPECT_EQ(b(), next);
}

// 100,000 draws: each of 10 values within five standard deviations (95).
TEST(Rng, BelowIsEven) {
  Rng rng(1);
  std::vector<int> counts(10);
  for (int i = 0; i < 100000; ++i) ++counts[rng.below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 475);
}

TEST(Rng, BelowOneIsZero) { EXPECT_EQ(Rng(1).below(1), 0ULL); }

TEST(Rng, BelowIsUnbiasedForAHugeRange) {
  // Without rejection the lower half of 2^63 + 2^62 would come twice as often.
  Rng rng(2);
  const std::uint64_t n = (1ULL << 63) + (1ULL << 62);
  int low = 0;
  for (int i = 0; i < 30000; ++i) low += rng.below(n) < n / 3;
  EXPECT_NEAR(low, 10000, 410);
}

TEST(Rng, UniformStaysBelowOneWithMeanOneHalf) {
  Rng rng(3);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const double x = rng.uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    sum += x;
  }
  EXPECT_NEAR(sum / 100000, 0.5, 0.005);  // five standard errors
}

TEST(Rng, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(4);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 100000, 0, 0.016);
  EXPECT_NEAR(squares / 100000, 1, 0.023);
}

TEST(Rng, ExponentialHasMeanOne) {
  Rng rng(5);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) sum += rng.exponential();
  EXPECT_NEAR(sum / 100000, 1, 0.016);
}

TEST(Rng, ChanceHappensAtItsRate) {
  Rng rng(6);
  int hits = 0;
  for (int i = 0; i < 100000; ++i) hits += rng.chance(0.3);
  EXPECT_NEAR(hits, 30000, 725);
}

TEST(Shuffle, KeepsEveryMember) {
  std::vector<int> list(50);
  std::iota(list.begin(), list.end(), 0);
  Rng rng(1);
  shuffle(list, rng);
  EXPECT_FALSE(std::ranges::is_sorted(list));
  std::ranges::sort(list);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(list[static_cast<std::size_t>(i)], i);
}

// 60,000 shuffles of three: each of six orders within five deviations (91).
TEST(Shuffle, EveryOrderIsEquallyLikely) {
  Rng rng(2);
  std::vector<int> counts(1000);
  for (int i = 0; i < 60000; ++i) {
    std::vector<std::size_t> three = {1, 2, 3};
    shuffle(three, rng);
    ++counts[100 * three[0] + 10 * three[1] + three[2]];
  }
  for (const int order : {123, 132, 213, 231, 312, 321}) {
    EXPECT_NEAR(counts[static_cast<std::size_t>(order)], 10000, 460) << order;
  }
}

}  // namespace
}  // namespace ensue
