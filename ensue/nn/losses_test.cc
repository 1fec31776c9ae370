// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/losses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

// Four hidden rows of which three predict: one item, three items, one item.
struct Example {
  std::int64_t items;
  at::Tensor hidden = random_tensor(4, 3, 1);
  std::unique_ptr<Parameter> weight, bias;
  ItemHead head;
  Targets targets;

  explicit Example(std::int64_t n = 7)
      : items(n),
        weight(table(random_tensor(n, 3, 2))),
        bias(table(random_tensor(n, 1, 3))) {
    head.weight = weight.get();
    head.bias = bias.get();
    targets.rows = {0, 2, 3};
    targets.begin = {0, 1, 4, 5};
    targets.items = {5, 0, 2, 6, 2};
    targets.weights = {1, 0.5F, 0.25F, 0.25F, 2};
  }

  double score(std::int64_t row, std::int64_t item) const {
    double sum = bias->data()[item];
    for (std::int64_t c = 0; c < 3; ++c) {
      sum += static_cast<double>(hidden.data_ptr<float>()[row * 3 + c]) *
             weight->data()[item * 3 + c];
    }
    return sum;
  }
  double log_sum(std::int64_t row) const {
    double sum = 0;
    for (std::int64_t i = 0; i < items; ++i) sum += std::exp(score(row, i));
    return std::log(sum);
  }
  // sum of weight * -log softmax, by plain loops in double.
  double full_loss() const {
    double loss = 0;
    for (std::size_t r = 0; r < targets.size(); ++r) {
      for (auto t = static_cast<std::size_t>(targets.begin[r]);
           t < static_cast<std::size_t>(targets.begin[r + 1]); ++t) {
        loss += targets.weights[t] * (log_sum(targets.rows[r]) -
                                      score(targets.rows[r], targets.items[t]));
      }
    }
    return loss;
  }
};

TEST(SoftmaxLoss, EqualsThePlainLoopOverEveryItem) {
  const Example e;
  SoftmaxLoss loss;
  const LossValue value = loss(e.hidden, e.targets, e.head);
  EXPECT_NEAR(value.sum, e.full_loss(), 1e-5);
  EXPECT_DOUBLE_EQ(value.weight, 4);
  EXPECT_NEAR(value.mean(), e.full_loss() / 4, 1e-5);
}

TEST(SoftmaxLoss, InBf16IsCloseToFp32AndSoAreItsGradients) {
  const Example full, half;
  half.weight->precision = Precision::kBf16;
  SoftmaxLoss loss;
  const LossValue a = loss(full.hidden, full.targets, full.head);
  const LossValue b = loss(half.hidden, half.targets, half.head);
  EXPECT_NEAR(a.sum, b.sum, 0.02 * a.sum);
  EXPECT_NE(a.sum, b.sum);
  const auto off = [](const at::Tensor& x, const at::Tensor& y) {
    return (x - y).abs().max().item<double>() / x.abs().max().item<double>();
  };
  EXPECT_LT(off(a.slope, b.slope), 0.03);
  EXPECT_LT(off(full.weight->grad, half.weight->grad), 0.03);
  EXPECT_LT(off(full.bias->grad, half.bias->grad), 0.03);
}

TEST(SoftmaxLoss, ItsGradientsAreThoseOfFiniteDifferences) {
  const Example e;
  SoftmaxLoss loss;
  const LossValue value = loss(e.hidden, e.targets, e.head);
  const auto mean = [&] { return e.full_loss() / 4; };
  expect_slope(e.hidden, value.slope, mean);
  expect_slope(e.weight->value, e.weight->grad, mean);
  expect_slope(e.bias->value, e.bias->grad, mean);
}

TEST(SoftmaxLoss, WorksInStripsOfRowsLikeInOnePiece) {
  const std::int64_t rows = 700, items = 5000;  // strips of 209 rows
  const auto weight = table(random_tensor(items, 4, 1));
  const at::Tensor hidden = random_tensor(rows, 4, 2);
  ItemHead head;
  head.weight = weight.get();
  Targets targets;
  for (std::int64_t r = 0; r < rows; ++r) {
    targets.rows.push_back(r);
    targets.items.push_back((r * 37) % items);
    targets.weights.push_back(1);
    targets.begin.push_back(r + 1);
  }
  SoftmaxLoss loss;
  const LossValue value = loss(hidden, targets, head);

  const at::Tensor x = hidden.clone().requires_grad_(true);
  const at::Tensor w = weight->value.clone().requires_grad_(true);
  const at::Tensor plain = at::cross_entropy_loss(
      x.matmul(w.t()), at::tensor(targets.items, at::kLong));
  plain.backward();
  EXPECT_NEAR(value.mean(), plain.item<double>(), 1e-4);
  EXPECT_TRUE(at::allclose(value.slope, x.grad(), 1e-3, 1e-7));
  EXPECT_TRUE(at::allclose(weight->grad, w.grad(), 1e-3, 1e-6));
}

TEST(SoftmaxLoss, HugeLogitsStayFinite) {
  const Example e;
  e.weight->value.mul_(1000);
  SoftmaxLoss loss;
  const LossValue value = loss(e.hidden, e.targets, e.head);
  EXPECT_TRUE(std::isfinite(value.sum));
  EXPECT_TRUE(at::isfinite(value.slope).all().item<bool>());
}

TEST(SoftmaxLoss, WithoutTargetsThereIsNoLossAndNoGradient) {
  const Example e;
  SoftmaxLoss loss;
  const LossValue value = loss(e.hidden, Targets(), e.head);
  EXPECT_EQ(value.mean(), 0);
  EXPECT_EQ(value.slope.abs().sum().item<float>(), 0);
}

const std::vector<std::uint64_t> kPopularity = {1, 5, 2, 9, 3, 1, 4};

TEST(NegativeSampler, DrawsInProportionToPopularityToAPower) {
  const NegativeSampler sampler(kPopularity, 0.5);
  double total = 0;
  for (const auto count : kPopularity) total += std::sqrt(count);
  std::vector<double> drawn(7);
  Rng rng(1);
  const int draws = 200000;
  for (int i = 0; i < draws; ++i) {
    ++drawn[static_cast<std::size_t>(sampler.draw(rng))];
  }
  for (std::size_t i = 0; i < 7; ++i) {
    const double expected = std::sqrt(kPopularity[i]) / total;
    EXPECT_NEAR(sampler.chance(static_cast<std::int64_t>(i)), expected, 1e-12);
    EXPECT_NEAR(drawn[i] / draws, expected, 0.005) << "item " << i;
  }
}

TEST(NegativeSampler, ThePowerZeroIsUniform) {
  const NegativeSampler sampler(kPopularity, 0);
  EXPECT_NEAR(sampler.chance(0), 1.0 / 7, 1e-12);
  EXPECT_NEAR(sampler.chance(3), 1.0 / 7, 1e-12);
}

TEST(NegativeSampler, RefusesACatalogueWithoutEvents) {
  const std::vector<std::uint64_t> none = {0, 0};
  EXPECT_THROW(NegativeSampler(none, 1), Error);
  EXPECT_THROW(NegativeSampler({}, 1), Error);
}

TEST(SampledSoftmax, ApproachesTheFullLossAsDrawsGrow) {
  for (const double power : {0.0, 1.0}) {
    const Example e;
    const NegativeSampler sampler(kPopularity, power);
    Rng rng(1);
    const LossValue value =
        sampled_softmax_loss(e.hidden, e.targets, e.head, sampler, 100000, rng);
    EXPECT_NEAR(value.sum, e.full_loss(), 0.03) << "power " << power;
    SoftmaxLoss full;
    const at::Tensor sampled = e.weight->grad.clone();
    e.weight->grad.zero_();
    const LossValue exact = full(e.hidden, e.targets, e.head);
    EXPECT_TRUE(at::allclose(value.slope, exact.slope, 0, 0.01));
    EXPECT_TRUE(at::allclose(sampled, e.weight->grad, 0, 0.01));
  }
}

// The example, whose rows look back: one at its target and another item, one
// at nothing, one at an item alone.
struct LookingBack : Example {
  std::unique_ptr<Parameter> share, gate;
  LookingBack()
      : share(parameter(random_tensor(3, 1, 4).view({-1}))),
        gate(parameter(random_tensor(3, 3, 5))) {
    head.repeat = {share.get(), gate.get()};
    targets.repeats.begin = {0, 2, 2, 3};
    targets.repeats.items = {5, 1, 4};
    targets.repeats.numbers = {
        {1, 0.5F, 0.25F}, {0.5F, 0.5F, 1}, {1, 1, 0.75F}};
  }
  std::vector<at::Tensor> slopes() const {
    return {weight->grad.clone(), bias->grad.clone(), share->grad.clone(),
            gate->grad.clone()};
  }
};

TEST(SampledSoftmax, ApproachesTheFullLossOfRowsThatLookBack) {
  LookingBack sampled, full;
  const NegativeSampler sampler(kPopularity, 0.5);
  Rng rng(1);
  const LossValue value = sampled_softmax_loss(
      sampled.hidden, sampled.targets, sampled.head, sampler, 100000, rng);
  SoftmaxLoss loss;
  const LossValue exact = loss(full.hidden, full.targets, full.head);
  EXPECT_NEAR(value.sum, exact.sum, 0.03);
  EXPECT_TRUE(at::allclose(value.slope, exact.slope, 0, 0.01));
  const auto got = sampled.slopes(), wanted = full.slopes();
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_GT(wanted[i].abs().max().item<float>(), 0.01F) << i;
    EXPECT_TRUE(at::allclose(got[i], wanted[i], 0, 0.01)) << i;
  }
}

TEST(SampledSoftmax, GradientsOfRowsThatLookBackAreThoseOfItsLoss) {
  LookingBack e;
  const NegativeSampler sampler(kPopularity, 0.5);
  const auto run = [&] {
    Rng rng(3);
    return sampled_softmax_loss(e.hidden, e.targets, e.head, sampler, 6, rng);
  };
  const LossValue value = run();
  const auto slopes = e.slopes();
  const auto mean = [&] { return run().mean(); };
  expect_slope(e.hidden, value.slope, mean);
  expect_slope(e.weight->value, slopes[0], mean);
  expect_slope(e.bias->value, slopes[1], mean);
  expect_slope(e.share->value, slopes[2], mean);
  expect_slope(e.gate->value, slopes[3], mean);
}

TEST(SampledSoftmax, EveryDrawOfWhatIsLookedBackAtLeavesTheRestAlone) {
  LookingBack e;
  e.targets.repeats.begin = {0, 7, 7, 7};
  e.targets.repeats.items = {0, 1, 2, 3, 4, 5, 6};
  e.targets.repeats.numbers.assign(7, {1, 1, 1});
  LookingBack full = LookingBack();
  full.targets.repeats = e.targets.repeats;
  e.targets.weights = full.targets.weights = {1, 0, 0, 0, 0};
  const NegativeSampler sampler(kPopularity, 0.5);
  Rng rng(1);
  const LossValue value =
      sampled_softmax_loss(e.hidden, e.targets, e.head, sampler, 5, rng);
  SoftmaxLoss loss;
  const LossValue exact = loss(full.hidden, full.targets, full.head);
  EXPECT_NEAR(value.sum, exact.sum, 1e-5);  // nothing is left to draw
  EXPECT_TRUE(at::allclose(value.slope, exact.slope, 1e-4, 1e-6));
}

// A loss over `negatives` draws, all else at a fixed choice.
struct SampledLoss {
  const char* name;
  LossValue (*run)(const Example& e, const NegativeSampler& sampler,
                   int negatives, Rng& rng);
};

const SampledLoss kSampledLosses[] = {
    {"sampled_softmax",
     [](const Example& e, const NegativeSampler& sampler, int negatives,
        Rng& rng) {
       return sampled_softmax_loss(e.hidden, e.targets, e.head, sampler,
                                   negatives, rng);
     }},
    {"bce",
     [](const Example& e, const NegativeSampler& sampler, int negatives,
        Rng& rng) {
       return bce_loss(e.hidden, e.targets, e.head, sampler, negatives, rng);
     }},
    {"gbce",
     [](const Example& e, const NegativeSampler& sampler, int negatives,
        Rng& rng) {
       return gbce_loss(e.hidden, e.targets, e.head, sampler, {negatives, 0.75},
                        rng);
     }},
    {"bpr_max",
     [](const Example& e, const NegativeSampler& sampler, int negatives,
        Rng& rng) {
       return bpr_max_loss(e.hidden, e.targets, e.head, sampler,
                           {negatives, 0.3}, rng);
     }},
};

class SampledLosses : public testing::TestWithParam<SampledLoss> {};
INSTANTIATE_TEST_SUITE_P(All, SampledLosses, testing::ValuesIn(kSampledLosses),
                         [](const auto& which) { return which.param.name; });

TEST_P(SampledLosses, TheirGradientsAreThoseOfFiniteDifferences) {
  const Example e;
  const NegativeSampler sampler(kPopularity, 0.75);
  // The same draws every time: the loss is a smooth function of the parameters.
  const auto again = [&] {
    Rng rng(5);
    return GetParam().run(e, sampler, 4, rng).mean();
  };
  Rng rng(5);
  const LossValue value = GetParam().run(e, sampler, 4, rng);
  const at::Tensor dw = e.weight->grad.clone(), db = e.bias->grad.clone();
  expect_slope(e.hidden, value.slope, again);
  expect_slope(e.weight->value, dw, again);
  expect_slope(e.bias->value, db, again);
}

TEST_P(SampledLosses, OnlyTargetsAndDrawsGetARowGradient) {
  const Example e(1000);
  const std::vector<std::uint64_t> popularity(1000, 1);
  const NegativeSampler sampler(popularity, 0);
  Rng rng(5);
  GetParam().run(e, sampler, 2, rng);
  const std::size_t touched = e.weight->marks.rows().size();
  EXPECT_FALSE(e.weight->all_rows);
  EXPECT_GE(touched, 4);
  EXPECT_LE(touched, 4 + 2 * 5);
  for (std::int64_t i = 0; i < 1000; ++i) {
    if (!e.weight->marks.has(static_cast<std::size_t>(i))) {
      EXPECT_EQ(e.weight->grad[i].abs().sum().item<float>(), 0);
    }
  }
}

TEST_P(SampledLosses, HugeLogitsStayFinite) {
  for (const double scale : {1e3, 1e6, -1e6}) {
    const Example e;
    e.weight->value.mul_(scale);
    Rng rng(5);
    const LossValue value =
        GetParam().run(e, NegativeSampler(kPopularity, 0.75), 4, rng);
    EXPECT_TRUE(std::isfinite(value.sum)) << scale;
    EXPECT_TRUE(at::isfinite(value.slope).all().item<bool>()) << scale;
    EXPECT_TRUE(at::isfinite(e.weight->grad).all().item<bool>()) << scale;
  }
}

TEST_P(SampledLosses, WithoutTargetsThereIsNoLossAndNoGradient) {
  Example none;
  none.targets = Targets();
  Rng rng(5);
  const LossValue value =
      GetParam().run(none, NegativeSampler(kPopularity, 0.75), 4, rng);
  EXPECT_EQ(value.mean(), 0);
  EXPECT_EQ(value.slope.abs().sum().item<float>(), 0);
}

TEST(BceLoss, OneTargetAgainstOneDrawByHand) {
  // Two items; the only draw that is not the target is item 1.
  const auto weight = table(at::tensor({1.0F, 2.0F}).view({2, 1}));
  ItemHead head;
  head.weight = weight.get();
  const at::Tensor hidden = at::tensor({0.5F}).view({1, 1});
  Targets targets;
  targets.rows = {0};
  targets.begin = {0, 1};
  targets.items = {0};
  targets.weights = {1};
  const std::vector<std::uint64_t> popularity = {1, 1000000};
  Rng rng(1);
  const LossValue value =
      bce_loss(hidden, targets, head, NegativeSampler(popularity, 1), 1, rng);
  // -log s(0.5) - log(1 - s(1.0))
  EXPECT_NEAR(value.sum, std::log1p(std::exp(-0.5)) + std::log1p(std::exp(1)),
              1e-6);
}

TEST(GbceLoss, ThePowerFollowsFromTheSharesOfNegatives) {
  // 101 items: alpha = 25 / 100; 1 - 0.75 (1 - 0.25)
  EXPECT_DOUBLE_EQ(gbce_power({25, 0.75}, 101), 0.4375);
  EXPECT_DOUBLE_EQ(gbce_power({25, 0}, 101), 1);
  EXPECT_DOUBLE_EQ(gbce_power({25, 1}, 101), 0.25);
  EXPECT_DOUBLE_EQ(gbce_power({1000, 1}, 101), 1);
  EXPECT_DOUBLE_EQ(gbce_power({1, 1}, 1), 1);
}

// By the definition: -log(s(target)^beta) - sum log(1 - s(draw)).
TEST(GbceLoss, EqualsThePlainLoopWithThePowerTaken) {
  const Example e;
  const NegativeSampler sampler(kPopularity, 0);
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double alpha = 3.0 / 6, t = 0.6;
  const double beta = alpha * (t * (1 - 1 / alpha) + 1 / alpha);
  Rng same(5);
  double expected = 0;
  for (std::size_t r = 0; r < e.targets.size(); ++r) {
    const auto begin = e.targets.items.begin() + e.targets.begin[r];
    const auto end = e.targets.items.begin() + e.targets.begin[r + 1];
    for (auto it = begin; it != end; ++it) {
      const std::int64_t row = e.targets.rows[r];
      double loss = -std::log(std::pow(sigmoid(e.score(row, *it)), beta));
      for (int k = 0; k < 3; ++k) {
        const std::int64_t item = sampler.draw(same);
        if (std::find(begin, end, item) != end) continue;
        loss -= std::log(1 - sigmoid(e.score(row, item)));
      }
      expected +=
          e.targets
              .weights[static_cast<std::size_t>(it - e.targets.items.begin())] *
          loss;
    }
  }
  Rng rng(5);
  const LossValue value =
      gbce_loss(e.hidden, e.targets, e.head, sampler, {3, t}, rng);
  EXPECT_NEAR(value.sum, expected, 1e-5);
}

TEST(SharedDraws, InBf16TheirLossesAreCloseToFp32AndSoAreTheirGradients) {
  for (const SampledLoss& loss : kSampledLosses) {
    if (std::string_view(loss.name).ends_with("bce")) continue;
    const Example full, half;
    half.weight->precision = Precision::kBf16;
    const NegativeSampler sampler(kPopularity, 0.5);
    Rng one(5), two(5);
    const LossValue a = loss.run(full, sampler, 50, one);
    const LossValue b = loss.run(half, sampler, 50, two);
    EXPECT_NEAR(a.sum, b.sum, 0.02 * std::abs(a.sum)) << loss.name;
    EXPECT_NE(a.sum, b.sum) << loss.name << ": was it bf16?";
    const auto off = [](const at::Tensor& x, const at::Tensor& y) {
      return (x - y).abs().max().item<double>() / x.abs().max().item<double>();
    };
    EXPECT_LT(off(a.slope, b.slope), 0.03) << loss.name;
    EXPECT_LT(off(full.weight->grad, half.weight->grad), 0.03) << loss.name;
    EXPECT_LT(off(full.bias->grad, half.bias->grad), 0.03) << loss.name;
  }
}

// By the definition, target by target.
TEST(BprMaxLoss, EqualsThePlainLoopWithItsPenalty) {
  const Example e;
  const NegativeSampler sampler(kPopularity, 0.5);
  const double penalty = 0.3;
  Rng same(5);
  std::vector<std::int64_t> drawn;
  for (int k = 0; k < 6; ++k) drawn.push_back(sampler.draw(same));
  double expected = 0;
  for (std::size_t r = 0; r < e.targets.size(); ++r) {
    const std::int64_t row = e.targets.rows[r];
    const auto begin = e.targets.items.begin() + e.targets.begin[r];
    const auto end = e.targets.items.begin() + e.targets.begin[r + 1];
    for (auto it = begin; it != end; ++it) {
      double normaliser = 0, ranked = 0, squares = 0;
      for (const std::int64_t item : drawn) {
        if (std::find(begin, end, item) != end) continue;
        const double score = e.score(row, item);
        normaliser += std::exp(score);
        ranked += std::exp(score) / (1 + std::exp(score - e.score(row, *it)));
        squares += std::exp(score) * score * score;
      }
      expected +=
          e.targets
              .weights[static_cast<std::size_t>(it - e.targets.items.begin())] *
          (-std::log(ranked / normaliser) + penalty * squares / normaliser);
    }
  }
  Rng rng(5);
  const LossValue value =
      bpr_max_loss(e.hidden, e.targets, e.head, sampler, {6, penalty}, rng);
  EXPECT_NEAR(value.sum, expected, 1e-5);
}

TEST(BprMaxLoss, ARowWhoseEveryDrawIsATargetHasNone) {
  Example one(1);
  one.targets = Targets();
  one.targets.rows = {0};
  one.targets.begin = {0, 1};
  one.targets.items = {0};
  one.targets.weights = {1};
  const std::vector<std::uint64_t> popularity = {1};
  Rng rng(5);
  const LossValue value =
      bpr_max_loss(one.hidden, one.targets, one.head,
                   NegativeSampler(popularity, 0), {4, 1}, rng);
  EXPECT_EQ(value.sum, 0);
  EXPECT_EQ(value.slope.abs().sum().item<float>(), 0);
}

}  // namespace
}  // namespace ensue::nn
