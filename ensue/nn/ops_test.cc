// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/ops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

// sum(out * weight), with fixed weights: a loss whose slope is known.
double weighed(const at::Tensor& out, const at::Tensor& weight) {
  return (out.to(at::kDouble) * weight.to(at::kDouble)).sum().item<double>();
}

TEST(Linear, EqualsTheProductAndItsGradients) {
  at::Tensor x = random_tensor(5, 3, 1);
  const auto w = parameter(random_tensor(4, 3, 2));
  const auto b = parameter(random_tensor(1, 4, 3).view({4}));
  const at::Tensor c = random_tensor(5, 4, 4);
  const auto value = [&] {
    const at::NoGradGuard off;
    return weighed(linear(x.detach(), *w, *b), c);
  };
  EXPECT_NEAR(value(), weighed(x.matmul(w->value.t()) + b->value, c), 1e-5);

  x.requires_grad_(true);
  linear(x, *w, *b).backward(c);
  const at::Tensor dx = x.grad().clone();
  x = x.detach();
  expect_slope(x, dx, value);
  expect_slope(w->value, w->grad, value);
  expect_slope(b->value, b->grad, value);
}

TEST(LinearRelu, CutsBelowZeroAndGivesItsGradients) {
  at::Tensor x = random_tensor(5, 3, 1);
  const auto w = parameter(random_tensor(4, 3, 2));
  const auto b = parameter(random_tensor(1, 4, 3).view({4}));
  const at::Tensor c = random_tensor(5, 4, 4);
  const auto value = [&] {
    const at::NoGradGuard off;
    return weighed(linear_relu(x.detach(), *w, *b), c);
  };
  EXPECT_NEAR(value(), weighed(at::relu(x.matmul(w->value.t()) + b->value), c),
              1e-5);
  x.requires_grad_(true);
  linear_relu(x, *w, *b).backward(c);
  const at::Tensor dx = x.grad().clone();
  x = x.detach();
  expect_slope(x, dx, value);
  expect_slope(w->value, w->grad, value);
  expect_slope(b->value, b->grad, value);
}

TEST(Linear, ASingleRowLeavesTheBiasAlone) {
  const auto w = parameter(random_tensor(4, 3, 2));
  const auto b = parameter(at::ones({4}));
  linear(random_tensor(1, 3, 1), *w, *b);
  EXPECT_TRUE(at::equal(b->value, at::ones({4})));
}

// bf16 has 8 bits: a product of rounded numbers is off by up to 2^-8 of each.
TEST(Linear, InBf16IsCloseToFp32AndSoAreItsGradients) {
  const at::Tensor c = random_tensor(40, 24, 4);
  const auto run = [&](Precision precision) {
    const auto w = parameter(random_tensor(24, 33, 2));
    const auto b = parameter(random_tensor(1, 24, 3).view({24}));
    w->precision = precision;
    at::Tensor x = random_tensor(40, 33, 1).requires_grad_(true);
    const at::Tensor out = linear(x, *w, *b);
    out.backward(c);
    return std::vector<at::Tensor>{out.detach(), x.grad(), w->grad, b->grad};
  };
  const auto full = run(Precision::kFp32), half = run(Precision::kBf16);
  for (std::size_t i = 0; i < full.size(); ++i) {
    const double size = full[i].abs().max().item<double>();
    const double off = (full[i] - half[i]).abs().max().item<double>();
    EXPECT_LT(off, 0.02 * size) << i;
    EXPECT_TRUE(i == 3 || off > 1e-5 * size) << "was it bf16?";
  }
}

TEST(Parameter, ItsBf16CopyIsMadeAnewAfterAChange) {
  const auto w = parameter(at::ones({2, 2}));
  w->precision = Precision::kBf16;
  EXPECT_EQ(w->factor().sum().item<float>(), 4);
  w->value.fill_(2);
  w->changed();
  EXPECT_EQ(w->factor().sum().item<float>(), 8);
}

TEST(LayerNorm, CentresScalesAndGivesItsGradients) {
  at::Tensor x = random_tensor(3, 6, 1);
  const auto w = parameter(random_tensor(1, 6, 2).view({6}));
  const auto b = parameter(random_tensor(1, 6, 3).view({6}));
  const at::Tensor c = random_tensor(3, 6, 4);
  const auto value = [&] {
    const at::NoGradGuard off;
    return weighed(layer_norm(x.detach(), *w, *b), c);
  };
  x.requires_grad_(true);
  layer_norm(x, *w, *b).backward(c);
  const at::Tensor dx = x.grad().clone();
  x = x.detach();
  expect_slope(x, dx, value, 5e-3);
  expect_slope(w->value, w->grad, value);
  expect_slope(b->value, b->grad, value);
}

TEST(LayerNorm, ARowOfOneAndThreeBecomesMinusOneAndOne) {
  const at::Tensor x = at::tensor({1.0F, 3.0F}).view({1, 2});
  const auto w = parameter(at::ones({2}));
  const auto b = parameter(at::zeros({2}));
  const at::Tensor out = layer_norm(x, *w, *b);
  EXPECT_NEAR(out[0][0].item<float>(), -1, 1e-4);  // (1 - 2) / sqrt(1 + 1e-5)
  EXPECT_NEAR(out[0][1].item<float>(), 1, 1e-4);
}

// Value and every gradient of an op over fresh parameters.
struct Whole {
  at::Tensor sum, normed, dx, dbase;
  std::vector<at::Tensor> slopes;
};

enum class Uses { kSum, kNormed, kBoth };

template <class Op>
Whole whole(const Op& op, Uses uses) {
  at::Tensor x = random_tensor(70, 6, 1).requires_grad_();
  at::Tensor base = random_tensor(70, 5, 2).requires_grad_();
  Parameters p;
  p.push_back(parameter(random_tensor(5, 6, 3)));
  for (const int seed : {4, 5, 6}) {
    p.push_back(parameter(random_tensor(5, 1, seed).view({-1})));
  }
  const Normed out = op(x, base, p);
  at::Tensor loss = at::zeros({});
  if (uses != Uses::kNormed)
    loss = loss + (out.sum * random_tensor(70, 5, 7)).sum();
  if (uses != Uses::kSum)
    loss = loss + (out.normed * random_tensor(70, 5, 8)).sum();
  loss.backward();
  Whole w{out.sum.detach(), out.normed.detach(), x.grad(), base.grad(), {}};
  for (const auto& each : p) w.slopes.push_back(each->grad);
  return w;
}

TEST(Residual, IsItsPartsInOnePassToTheBit) {
  for (const double rate : {0.0, 0.4}) {
    const DropoutSite site{rate, 1, 2, 3};
    for (const Uses uses : {Uses::kSum, Uses::kNormed, Uses::kBoth}) {
      const Whole parts = whole(
          [&](const at::Tensor& x, const at::Tensor& base, Parameters& p) {
            const at::Tensor sum = dropout(linear(x, *p[0], *p[1]), base, site);
            return Normed{sum, layer_norm(sum, *p[2], *p[3])};
          },
          uses);
      const Whole one = whole(
          [&](const at::Tensor& x, const at::Tensor& base, Parameters& p) {
            return residual_norm({x, *p[0], *p[1], base, site}, *p[2], *p[3]);
          },
          uses);
      EXPECT_TRUE(at::equal(one.sum, parts.sum));
      EXPECT_TRUE(at::equal(one.normed, parts.normed));
      EXPECT_TRUE(at::allclose(one.dx, parts.dx, 1e-5, 1e-6));
      EXPECT_TRUE(at::allclose(one.dbase, parts.dbase, 1e-5, 1e-6));
      for (std::size_t i = 0; i < one.slopes.size(); ++i) {
        EXPECT_TRUE(at::allclose(one.slopes[i], parts.slopes[i], 1e-5, 1e-5))
            << i;
      }
      if (uses != Uses::kSum) continue;
      const Whole alone = whole(
          [&](const at::Tensor& x, const at::Tensor& base, Parameters& p) {
            const at::Tensor sum = residual({x, *p[0], *p[1], base, site});
            return Normed{sum, sum};
          },
          uses);
      EXPECT_TRUE(at::equal(alone.sum, parts.sum));
      EXPECT_TRUE(at::equal(alone.dx, parts.dx));
      EXPECT_TRUE(at::equal(alone.dbase, parts.dbase));
    }
  }
}

TEST(LinearGelu, IsGeluOfTheProductWithItsGradients) {
  const auto both = [](bool fused) {
    return whole(
        [fused](const at::Tensor& x, const at::Tensor& base, Parameters& p) {
          const at::Tensor bent = fused ? linear_gelu(x, *p[0], *p[1])
                                        : at::gelu(linear(x, *p[0], *p[1]));
          return Normed{bent + base, bent};
        },
        Uses::kSum);
  };
  const Whole one = both(true), parts = both(false);
  EXPECT_TRUE(at::allclose(one.sum, parts.sum, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(one.dx, parts.dx, 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(one.slopes[0], parts.slopes[0], 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(one.slopes[1], parts.slopes[1], 1e-5, 1e-5));
}

TEST(Embed, AddsTheGradientsOfRepeatedIdsAndMarksTheirRowsOnly) {
  const auto t = table(random_tensor(4, 2, 1));
  const at::Tensor out = embed(*t, {2, 0, 2}, 3.0F);
  EXPECT_FLOAT_EQ(out[0][1].item<float>(), 3 * t->value[2][1].item<float>());
  out.backward(at::tensor({1.F, 2.F, 3.F, 4.F, 5.F, 6.F}).view({3, 2}));
  EXPECT_FLOAT_EQ(t->grad[2][0].item<float>(), 3 * (1 + 5));
  EXPECT_FLOAT_EQ(t->grad[2][1].item<float>(), 3 * (2 + 6));
  EXPECT_FLOAT_EQ(t->grad[0][0].item<float>(), 3 * 3);
  EXPECT_EQ(marked_rows(*t), (std::vector<std::uint32_t>{0, 2}));
  EXPECT_FALSE(t->all_rows);
}

TEST(Embed, AMaskStandsForWhatIsNotShownAndGetsItsGradient) {
  const auto t = table(random_tensor(4, 2, 1));
  const auto mask = parameter(random_tensor(1, 2, 2).view({2}));
  const at::Tensor out = embed(*t, {kMasked, 3, kMasked}, 2.0F, mask.get());
  EXPECT_FLOAT_EQ(out[0][1].item<float>(), 2 * mask->value[1].item<float>());
  EXPECT_FLOAT_EQ(out[1][1].item<float>(), 2 * t->value[3][1].item<float>());
  out.backward(at::tensor({1.F, 2.F, 3.F, 4.F, 5.F, 6.F}).view({3, 2}));
  EXPECT_TRUE(at::equal(mask->grad, at::tensor({12.F, 16.F})));
  EXPECT_EQ(marked_rows(*t), (std::vector<std::uint32_t>{3}));
}

TEST(Embed, WithoutAMaskNothingStandsForWhatIsNotShown) {
  const auto t = table(random_tensor(4, 2, 1));
  const at::Tensor out = embed(*t, {kMasked, 3});
  EXPECT_TRUE(at::equal(out[0], at::zeros({2})));
  out.backward(at::ones({2, 2}));
  EXPECT_EQ(marked_rows(*t), (std::vector<std::uint32_t>{3}));
}

TEST(Dropout, KeepsTheMeanAndDropsTheWantedShare) {
  const at::Tensor x = at::ones({1000, 100});
  const at::Tensor out = dropout(x, {}, {0.3, /*seed=*/1, /*step=*/2, 3});
  const double dropped = (out == 0).sum().item<double>() / 1e5;
  EXPECT_NEAR(dropped, 0.3, 0.006);  // 4 standard deviations
  EXPECT_NEAR(out.mean().item<double>(), 1, 0.01);
  EXPECT_FLOAT_EQ(out.max().item<float>(), static_cast<float>(1 / 0.7));
}

TEST(Dropout, DependsOnSeedStepAndSiteButNotOnThreads) {
  const at::Tensor x = at::ones({500, 80});
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = dropout(x, {}, {0.5, 1, 2, 3});
  at::set_num_threads(3);
  const at::Tensor three = dropout(x, {}, {0.5, 1, 2, 3});
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one, three));
  EXPECT_FALSE(at::equal(one, dropout(x, {}, {0.5, 9, 2, 3})));
  EXPECT_FALSE(at::equal(one, dropout(x, {}, {0.5, 1, 9, 3})));
  EXPECT_FALSE(at::equal(one, dropout(x, {}, {0.5, 1, 2, 9})));
}

TEST(Dropout, NeighboursAndStepsAreDroppedIndependently) {
  const at::Tensor x = at::ones({1, 100000});
  const at::Tensor a = dropout(x, {}, {0.5, 1, 1, 1}) > 0;
  const at::Tensor b = dropout(x, {}, {0.5, 1, 2, 1}) > 0;
  const auto share = [](const at::Tensor& t) {
    return t.to(at::kDouble).mean().item<double>();
  };
  EXPECT_NEAR(share(a.logical_and(b)), 0.25, 0.006);
  EXPECT_NEAR(share(a.logical_and(a.roll(1, 1))), 0.25, 0.006);
}

TEST(Dropout, ItsGradientFallsWhereTheValueFellAndTheBasePasses) {
  const at::Tensor x = at::ones({7, 5}).requires_grad_(true);
  const at::Tensor base = random_tensor(7, 5, 2).requires_grad_(true);
  const at::Tensor out = dropout(x, base, {0.4, 5, 6, 7});
  out.backward(at::full({7, 5}, 2.0F));
  EXPECT_TRUE(at::allclose(x.grad(), 2 * (out - base).detach()));
  EXPECT_TRUE(at::allclose(base.grad(), at::full({7, 5}, 2.0F)));
}

// The same attention through plain ATen: one sequence and one head at a time.
// `hide` marks what is not seen of a square of pairs.
using Hide = std::function<at::Tensor(const at::Tensor& ones)>;
at::Tensor plain_attention(const at::Tensor& qkv, const Packed& batch,
                           std::int64_t heads, const Hide& hide) {
  const std::int64_t width = qkv.size(1) / 3, depth = width / heads;
  std::vector<at::Tensor> rows;
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    const at::Tensor part =
        qkv.slice(0, batch.offsets[s], batch.offsets[s + 1]);
    std::vector<at::Tensor> columns;
    for (std::int64_t h = 0; h < heads; ++h) {
      const auto take = [&](std::int64_t which) {
        return part.slice(1, which * width + h * depth,
                          which * width + (h + 1) * depth);
      };
      at::Tensor scores = take(0).matmul(take(1).t()) / std::sqrt(depth);
      const at::Tensor hidden =
          hide(at::ones({part.size(0), part.size(0)}, at::kBool));
      scores = scores.masked_fill(hidden, -1e30);
      columns.push_back(scores.softmax(1).matmul(take(2)));
    }
    rows.push_back(at::cat(columns, 1));
  }
  return at::cat(rows, 0);
}

using Op = std::function<at::Tensor(const at::Tensor&, const Packed&, int)>;
void expect_plain_attention(const Op& op, const Hide& hide) {
  const Packed batch = packed({3, 1, 150, 64, 65});
  const at::Tensor qkv = random_tensor(283, 3 * 8, 1) * 3;
  const at::Tensor c = random_tensor(283, 8, 2);
  const at::Tensor a = qkv.clone().requires_grad_(true);
  const at::Tensor b = qkv.clone().requires_grad_(true);
  const at::Tensor ours = op(a, batch, /*heads=*/2);
  const at::Tensor plain = plain_attention(b, batch, 2, hide);
  EXPECT_LT((ours - plain).abs().max().item<double>(), 1e-5);
  ours.backward(c);
  plain.backward(c);
  EXPECT_LT((a.grad() - b.grad()).abs().max().item<double>(), 1e-5);
}

at::Tensor later(const at::Tensor& ones) { return ones.triu(1); }

TEST(CausalAttention, EqualsPlainAttentionOfEverySequenceAndItsGradient) {
  expect_plain_attention(causal_attention, later);
}

TEST(WindowedAttention, EqualsPlainAttentionOverTheLastEventsAndItsGradient) {
  for (const int window : {1, 10, 70}) {
    const auto op = [window](const at::Tensor& qkv, const Packed& batch,
                             int heads) {
      return windowed_attention(qkv, batch, heads, window);
    };
    expect_plain_attention(op, [window](const at::Tensor& ones) {
      return later(ones).logical_or(ones.tril(-window));
    });
  }
}

TEST(BidirectionalAttention, EqualsPlainAttentionOverAllAndItsGradient) {
  expect_plain_attention(bidirectional_attention, [](const at::Tensor& ones) {
    return ones.logical_not();
  });
}

TEST(Attention, ItsGradientsAreThoseOfFiniteDifferences) {
  const Packed batch = packed({4, 1, 3});
  at::Tensor qkv = random_tensor(8, 3 * 4, 1);
  const at::Tensor c = random_tensor(8, 4, 2);
  for (const Op& op : {Op(causal_attention), Op(bidirectional_attention)}) {
    const at::Tensor leaf = qkv.clone().requires_grad_(true);
    op(leaf, batch, 2).backward(c);
    expect_slope(qkv, leaf.grad(), [&] {
      const at::NoGradGuard off;
      return weighed(op(qkv, batch, 2), c);
    });
  }
}

TEST(Attention, NeitherItsBitsNorThoseOfItsGradientDependOnThreads) {
  const Packed batch = packed({30, 7, 12});
  const at::Tensor qkv = random_tensor(49, 3 * 8, 1);
  const at::Tensor c = random_tensor(49, 8, 2);
  const auto run = [&](int threads) {
    const int before = at::get_num_threads();
    at::set_num_threads(threads);
    const at::Tensor leaf = qkv.clone().requires_grad_(true);
    const at::Tensor out = causal_attention(leaf, batch, 2);
    out.backward(c);
    at::set_num_threads(before);
    return std::pair(out.detach(), leaf.grad());
  };
  const auto one = run(1), four = run(4);
  EXPECT_TRUE(at::equal(one.first, four.first));
  EXPECT_TRUE(at::equal(one.second, four.second));
}

TEST(CausalTaps, ReadTheOldestEventFirstAndZerosBeforeTheSequence) {
  const at::Tensor x = at::arange(1, 6).to(at::kFloat).view({5, 1});
  const at::Tensor taps =
      causal_taps(x, packed({3, 2}), {/*kernel=*/2, /*dilation=*/1});
  const at::Tensor expected =
      at::tensor({0.F, 1.F, 1.F, 2.F, 2.F, 3.F, 0.F, 4.F, 4.F, 5.F});
  EXPECT_TRUE(at::equal(taps, expected.view({5, 2})));
}

// One unit per tap through a product equals a dilated convolution by ATen.
TEST(CausalTaps, TimesWeightsEqualADilatedConvolutionAndItsGradient) {
  const std::int64_t width = 3, outputs = 4, kernel = 3, dilation = 2;
  const std::int64_t stride = 1, padding = 0;
  const Packed batch = packed({7, 1, 11});
  const at::Tensor a = random_tensor(19, width, 1).requires_grad_(true);
  const at::Tensor b = a.detach().clone().requires_grad_(true);
  const at::Tensor w = random_tensor(outputs, kernel * width, 2);
  const at::Tensor c = random_tensor(19, outputs, 3);
  const at::Tensor ours =
      causal_taps(a, batch, {/*kernel=*/3, /*dilation=*/2}).matmul(w.t());

  const at::Tensor filter =
      w.view({outputs, kernel, width}).permute({0, 2, 1}).contiguous();
  std::vector<at::Tensor> rows;
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    const at::Tensor part =
        b.slice(0, batch.offsets[s], batch.offsets[s + 1]).t().unsqueeze(0);
    const at::Tensor padded =
        at::constant_pad_nd(part, {(kernel - 1) * dilation, 0});
    rows.push_back(at::conv1d(padded, filter, {}, at::IntArrayRef(stride),
                              at::IntArrayRef(padding),
                              at::IntArrayRef(dilation))[0]
                       .t());
  }
  const at::Tensor plain = at::cat(rows, 0);
  EXPECT_LT((ours - plain).abs().max().item<double>(), 1e-5);
  ours.backward(c);
  plain.backward(c);
  EXPECT_LT((a.grad() - b.grad()).abs().max().item<double>(), 1e-5);
}

TEST(GatedAdd, ItsGradientsAreThoseOfFiniteDifferences) {
  at::Tensor gate = random_tensor(4, 5, 1), x = random_tensor(4, 5, 2),
             base = random_tensor(4, 5, 3);
  const at::Tensor c = random_tensor(4, 5, 4);
  const auto value = [&] {
    const at::NoGradGuard off;
    return weighed(gated_add(gate, x, base), c);
  };
  EXPECT_NEAR(value(), weighed(base + at::sigmoid(gate) * x, c), 1e-5);
  const std::vector<at::Tensor> leaves = {gate.clone().requires_grad_(true),
                                          x.clone().requires_grad_(true),
                                          base.clone().requires_grad_(true)};
  gated_add(leaves[0], leaves[1], leaves[2]).backward(c);
  expect_slope(gate, leaves[0].grad(), value);
  expect_slope(x, leaves[1].grad(), value);
  expect_slope(base, leaves[2].grad(), value);
}

TEST(Swiglu, EqualsSiluTimesTheRightHalfAndItsGradient) {
  at::Tensor x = random_tensor(4, 10, 1);
  const at::Tensor c = random_tensor(4, 5, 2);
  const auto value = [&] {
    const at::NoGradGuard off;
    return weighed(swiglu(x), c);
  };
  const at::Tensor g = x.slice(1, 0, 5), u = x.slice(1, 5, 10);
  EXPECT_NEAR(value(), weighed(g * at::sigmoid(g) * u, c), 1e-5);
  const at::Tensor leaf = x.clone().requires_grad_(true);
  swiglu(leaf).backward(c);
  expect_slope(x, leaf.grad(), value);
}

}  // namespace
}  // namespace ensue::nn
