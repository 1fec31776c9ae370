// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/packed_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

using Numbers = std::vector<double>;

std::vector<float> random(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(size);
  for (float& x : out) x = static_cast<float>(rng.normal());
  return out;
}

/// Sequences of one size, with one more column than the head has.
struct Case {
  std::size_t length = 0, depth = 0;
  AttentionReach reach;
  std::size_t buckets = 0;

  std::size_t stride() const { return depth + 1; }
  std::size_t floats() const { return length * stride(); }
  std::string text() const {
    return "length " + std::to_string(length) + " depth " +
           std::to_string(depth) + (reach.causal ? " causal" : "") +
           " window " + std::to_string(reach.window) + " buckets " +
           std::to_string(buckets);
  }
};

struct Inputs {
  explicit Inputs(const Case& c)
      : q(random(c.floats(), 1)),
        k(random(c.floats(), 2)),
        v(random(c.floats(), 3)),
        dout(random(c.floats(), 4)),
        bias(random(c.buckets, 5)) {}
  std::vector<float> q, k, v, dout, bias;

  AttentionHead head(const Case& c) const {
    AttentionHead out;
    out.queries = q.data();
    out.keys = k.data();
    out.values = v.data();
    out.length = c.length;
    out.depth = c.depth;
    out.stride = c.stride();
    out.reach = c.reach;
    out.bias = bias;
    return out;
  }
};

/// Row by row in double, with whole rows of shares.
struct Plain {
  Numbers out, log_sums, dq, dk, dv, dbias;

  Plain(const Case& c, const Inputs& in)
      : out(c.floats()),
        log_sums(c.length),
        dq(c.floats()),
        dk(c.floats()),
        dv(c.floats()),
        dbias(c.buckets) {
    for (std::size_t i = 0; i < c.length; ++i) add_row(c, in, i);
  }

 private:
  void add_row(const Case& c, const Inputs& in, std::size_t i) {
    const double scale = 1 / std::sqrt(static_cast<double>(c.depth));
    const std::size_t first = c.reach.first(i);
    const std::size_t last = c.reach.last(i, c.length);
    Numbers share(c.length);
    double total = 0, mean = 0;
    for (std::size_t j = first; j < last; ++j) {
      double score = 0;
      for (std::size_t d = 0; d < c.depth; ++d) {
        score += scale * in.q[at(c, i, d)] * in.k[at(c, j, d)];
      }
      if (c.buckets > 0) score += in.bias[std::min(i - j, c.buckets - 1)];
      total += share[j] = std::exp(score);
    }
    log_sums[i] = std::log2(total);
    for (std::size_t j = first; j < last; ++j) {
      share[j] /= total;
      for (std::size_t d = 0; d < c.depth; ++d) {
        out[at(c, i, d)] += share[j] * in.v[at(c, j, d)];
        dv[at(c, j, d)] += share[j] * in.dout[at(c, i, d)];
      }
    }
    for (std::size_t d = 0; d < c.depth; ++d) {
      mean += out[at(c, i, d)] * in.dout[at(c, i, d)];
    }
    for (std::size_t j = first; j < last; ++j) {
      double slope = -mean;
      for (std::size_t d = 0; d < c.depth; ++d) {
        slope += double{in.v[at(c, j, d)]} * in.dout[at(c, i, d)];
      }
      slope *= share[j];
      if (c.buckets > 0) dbias[std::min(i - j, c.buckets - 1)] += slope;
      for (std::size_t d = 0; d < c.depth; ++d) {
        dq[at(c, i, d)] += scale * slope * in.k[at(c, j, d)];
        dk[at(c, j, d)] += scale * slope * in.q[at(c, i, d)];
      }
    }
  }
  static std::size_t at(const Case& c, std::size_t row, std::size_t column) {
    return row * c.stride() + column;
  }
};

/// What the kernel gives; what it must leave alone stays `kUntouched`.
constexpr float kUntouched = 77;
struct Ours {
  std::vector<float> out, log_sums, dq, dk, dv, dbias;

  Ours(const Case& c, const Inputs& in, AttentionScratch& scratch)
      : out(c.floats(), kUntouched),
        log_sums(c.length),
        dq(out),
        dk(out),
        dv(out),
        dbias(c.buckets) {
    packed_attention(in.head(c), out.data(), c.stride(), log_sums.data(),
                     scratch);
    AttentionSlope slope;
    slope.out = out.data();
    slope.dout = in.dout.data();
    slope.log_sums = log_sums.data();
    slope.stride = c.stride();
    AttentionGradient gradient;
    gradient.queries = dq.data();
    gradient.keys = dk.data();
    gradient.values = dv.data();
    gradient.dbias = dbias;
    packed_attention_back(in.head(c), slope, gradient, scratch);
  }
};

void expect_near(const Case& c, const char* what, const std::vector<float>& got,
                 const Numbers& wanted, std::size_t columns,
                 double tolerance = 3e-6) {
  double largest = 1;
  for (const double x : wanted) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool inside = i % columns + 1 < columns || columns == 1;
    const double expected = inside ? wanted[i] : double{kUntouched};
    ASSERT_NEAR(got[i], expected, inside ? tolerance * largest : 0)
        << what << " " << i / columns << "," << i % columns << " of "
        << c.text();
  }
}

void expect_plain(const Case& c, AttentionScratch& scratch) {
  const Inputs in(c);
  const Plain plain(c, in);
  const Ours ours(c, in, scratch);
  expect_near(c, "out", ours.out, plain.out, c.stride());
  expect_near(c, "log sum", ours.log_sums, plain.log_sums, 1);
  expect_near(c, "dq", ours.dq, plain.dq, c.stride());
  expect_near(c, "dk", ours.dk, plain.dk, c.stride());
  expect_near(c, "dv", ours.dv, plain.dv, c.stride());
  // Sums over all pairs, in fp32.
  expect_near(c, "dbias", ours.dbias, plain.dbias, 1, 2e-5);
}

std::vector<Case> cases() {
  std::vector<Case> out;
  for (const std::size_t length : {1, 2, 5, 17, 48, 50, 127, 128, 200, 300}) {
    for (const std::size_t depth : {1, 8, 25, 32, 64, 70}) {
      if (length >= 127 && (depth == 8 || depth == 70)) continue;
      for (const AttentionReach reach :
           {AttentionReach{true, 0}, AttentionReach{false, 0},
            AttentionReach{true, 1}, AttentionReach{true, 30},
            AttentionReach{true, 131}}) {
        out.push_back({length, depth, reach, 0});
      }
    }
  }
  for (const std::size_t buckets : {1, 20, 500}) {
    out.push_back({150, 25, {true, 0}, buckets});
    out.push_back({150, 32, {true, 60}, buckets});
  }
  return out;
}

TEST(PackedAttention, EqualsPlainAttentionAndItsGradientForEveryReach) {
  on_every_level([] {
    AttentionScratch scratch;  // of any content: of the cases before
    for (const Case& c : cases()) {
      expect_plain(c, scratch);
      if (::testing::Test::HasFatalFailure()) return;
    }
  });
}

TEST(PackedAttention, WhatIsNotSeenMovesNoBit) {
  on_every_level([] {
    const Case c{200, 32, {true, 40}, 0};
    Inputs in(c);
    AttentionScratch scratch;
    const Ours before(c, in, scratch);
    // Event 150 sees neither event 110 nor event 151.
    for (const std::size_t row : {110, 151}) {
      std::fill_n(in.k.begin() + static_cast<std::ptrdiff_t>(row * 33), 32,
                  9.F);
      std::fill_n(in.v.begin() + static_cast<std::ptrdiff_t>(row * 33), 32,
                  9.F);
    }
    const Ours after(c, in, scratch);
    const auto row = [](const std::vector<float>& x) { return &x[150 * 33]; };
    EXPECT_EQ(std::memcmp(row(before.out), row(after.out), 128), 0);
    EXPECT_EQ(std::memcmp(row(before.dq), row(after.dq), 128), 0);
    EXPECT_NE(std::memcmp(&before.out[151 * 33], &after.out[151 * 33], 128), 0);
  });
}

TEST(PackedAttention, ScoresFarApartNeitherOverflowNorLeaveNumbersUnset) {
  on_every_level([] {
    const Case c{160, 16, {false, 0}, 0};
    Inputs in(c);
    for (float& x : in.q) x *= 40;
    for (float& x : in.k) x *= 40;
    AttentionScratch scratch;
    const Ours ours(c, in, scratch);
    const Plain plain(c, in);  // double reaches exp(700)
    for (std::size_t i = 0; i < c.length; ++i) {
      ASSERT_TRUE(std::isfinite(ours.out[i * c.stride()])) << i;
      ASSERT_TRUE(std::isfinite(ours.dq[i * c.stride()])) << i;
      if (!std::isfinite(plain.out[i * c.stride()])) continue;
      ASSERT_NEAR(ours.out[i * c.stride()], plain.out[i * c.stride()], 1e-2);
    }
  });
}

TEST(PackedAttention, EqualKeysGiveTheMeanOfTheWindow) {
  const std::vector<float> zero(4, 0.0F), values = {100, 2, 4, 9};
  AttentionHead head;
  head.queries = head.keys = zero.data();
  head.values = values.data();
  head.length = 4;
  head.depth = head.stride = 1;
  head.reach.window = 2;
  std::vector<float> out(4), log_sums(4);
  AttentionScratch scratch;
  packed_attention(head, out.data(), 1, log_sums.data(), scratch);
  EXPECT_EQ(out, (std::vector<float>{100, 51, 3, 6.5F}));
  EXPECT_EQ(log_sums, (std::vector<float>{0, 1, 1, 1}));
}

TEST(PackedAttention, ItsBuffersStayWhereTheyAre) {
  AttentionScratch scratch;
  const float* first = scratch.take(1000);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % 64, 0U);
  EXPECT_EQ(scratch.take(10), first);
  EXPECT_EQ(scratch.take(1000), first);
}

}  // namespace
}  // namespace ensue::kernels
