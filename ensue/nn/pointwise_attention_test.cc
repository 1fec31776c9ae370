// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/pointwise_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

// Biases of a window and, with buckets, of times.
struct Biases {
  std::unique_ptr<Parameter> position, time;

  Biases(std::int64_t window, std::int64_t buckets)
      : position(parameter(random_tensor(1, window, 11).view({-1}))) {
    if (buckets > 0) {
      time = parameter(random_tensor(1, buckets, 12).view({-1}));
    }
  }
  PairBias pair() const { return {position.get(), time.get()}; }
  std::size_t window() const { return position->size(); }
  double of(const Packed& batch, std::size_t i, std::size_t j) const {
    double out = double{position->data()[i - j]};
    if (time != nullptr) {
      const std::int64_t gap = count(batch.times[i]) - count(batch.times[j]);
      out += double{time->data()[artifact::time_bucket(gap, time->size())]};
    }
    return out;
  }
};

// The definition, pair by pair, in double.
at::Tensor plain(const at::Tensor& uvqk, const Packed& batch,
                 std::int64_t heads, const Biases& biases) {
  const at::Tensor all = uvqk.to(at::kDouble);
  const auto x = all.accessor<double, 2>();
  const std::int64_t width = uvqk.size(1) / 4, depth = width / heads;
  at::Tensor out = at::zeros({uvqk.size(0), width}, at::kDouble);
  auto sum = out.accessor<double, 2>();
  const auto window = static_cast<std::int64_t>(biases.window());
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    for (auto i = batch.offsets[s]; i < batch.offsets[s + 1]; ++i) {
      for (auto j = std::max(batch.offsets[s], i - window + 1); j <= i; ++j) {
        for (std::int64_t h = 0; h < heads; ++h) {
          double z = biases.of(batch, static_cast<std::size_t>(i),
                               static_cast<std::size_t>(j));
          for (std::int64_t c = h * depth; c < (h + 1) * depth; ++c) {
            z += x[i][2 * width + c] * x[j][3 * width + c];
          }
          const double weight =
              z / (1 + std::exp(-z)) / static_cast<double>(window);
          for (std::int64_t c = h * depth; c < (h + 1) * depth; ++c) {
            sum[i][c] += weight * x[j][width + c];
          }
        }
      }
    }
  }
  return out;
}

// sum(out * weight): a loss whose slope is `weight`.
double weighed(const at::Tensor& out, const at::Tensor& weight) {
  return (out.to(at::kDouble) * weight.to(at::kDouble)).sum().item<double>();
}

class PointwiseAttention : public testing::TestWithParam<int> {
 protected:
  int buckets() const { return GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(WithAndWithoutTimes, PointwiseAttention,
                         testing::Values(0, 24));

TEST_P(PointwiseAttention, EqualsItsDefinitionInAWindowOfAnySize) {
  const Packed batch = packed({3, 1, 150, 64, 65});
  const at::Tensor uvqk = random_tensor(283, 4 * 8, 1) * 3;
  for (const std::int64_t window : {1, 7, 64, 65, 100, 400}) {
    const Biases biases(window, buckets());
    for (const int heads : {1, 2}) {
      const at::Tensor ours =
          pointwise_attention(uvqk, batch, heads, biases.pair());
      const at::Tensor expected = plain(uvqk, batch, heads, biases);
      const double scale = expected.abs().max().item<double>();
      EXPECT_LT((ours - expected).abs().max().item<double>(), 3e-6 * scale)
          << "window " << window << ", heads " << heads;
    }
  }
}

TEST_P(PointwiseAttention, ItsGradientsAreThoseOfFiniteDifferences) {
  const Packed batch = packed({6, 1, 3});
  const Biases biases(/*window=*/4, buckets());
  at::Tensor uvqk = random_tensor(10, 4 * 4, 1) * 2;
  const at::Tensor c = random_tensor(10, 4, 2) * 4;
  const auto value = [&] { return weighed(plain(uvqk, batch, 2, biases), c); };
  uvqk.requires_grad_(true);
  pointwise_attention(uvqk, batch, /*heads=*/2, biases.pair()).backward(c);
  const at::Tensor slope = uvqk.grad().clone();
  uvqk = uvqk.detach();
  expect_slope(uvqk, slope, value, 1e-3);
  expect_slope(biases.position->value, biases.position->grad, value, 1e-3);
  if (buckets() > 0) {
    expect_slope(biases.time->value, biases.time->grad, value, 1e-3);
  }
}

// d loss by a small step along the gradient, over more rows than a block has.
TEST_P(PointwiseAttention, ItsGradientsHoldAcrossBlocksOfRows) {
  const Packed batch = packed({150, 70});
  const Biases biases(/*window=*/90, buckets());
  at::Tensor uvqk = (random_tensor(220, 4 * 4, 1) * 2).requires_grad_(true);
  const at::Tensor c = random_tensor(220, 4, 2) * 4;
  pointwise_attention(uvqk, batch, /*heads=*/2, biases.pair()).backward(c);
  const at::Tensor slope = uvqk.grad().clone();
  uvqk = uvqk.detach();
  const auto along = [&](const at::Tensor& x, const at::Tensor& gradient) {
    const double norm = gradient.norm().item<double>();
    ASSERT_GT(norm, 1e-3);
    const at::Tensor kept = x.clone(), step = gradient * (0.02 / norm);
    x.add_(step);
    const double high = weighed(plain(uvqk, batch, 2, biases), c);
    x.sub_(2 * step);
    const double low = weighed(plain(uvqk, batch, 2, biases), c);
    x.copy_(kept);
    EXPECT_NEAR((high - low) / 0.04, norm, 2e-3 * norm);
  };
  along(uvqk, slope);
  along(biases.position->value, biases.position->grad);
  if (buckets() > 0) along(biases.time->value, biases.time->grad);
}

TEST_P(PointwiseAttention, ThreadsChangeNoBits) {
  const Packed batch = packed({30, 7, 120, 12});
  const at::Tensor uvqk = random_tensor(169, 4 * 8, 1);
  const at::Tensor c = random_tensor(169, 8, 2);
  const auto run = [&](int threads) {
    const int before = at::get_num_threads();
    at::set_num_threads(threads);
    const Biases biases(/*window=*/50, buckets());
    const at::Tensor x = uvqk.clone().requires_grad_(true);
    const at::Tensor out = pointwise_attention(x, batch, 2, biases.pair());
    out.backward(c);
    at::set_num_threads(before);
    std::vector<at::Tensor> all = {out.detach(), x.grad(),
                                   biases.position->grad};
    if (biases.time != nullptr) all.push_back(biases.time->grad);
    return all;
  };
  const auto one = run(1), four = run(4);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_TRUE(at::equal(one[i], four[i])) << i;
  }
}

TEST_P(PointwiseAttention, LaterEventsAndOtherSequencesChangeNothing) {
  const Packed batch = packed({40, 40});
  const Biases biases(/*window=*/25, buckets());
  const at::Tensor uvqk = random_tensor(80, 4 * 8, 1);
  const at::Tensor before = pointwise_attention(uvqk, batch, 2, biases.pair());
  const at::Tensor other = uvqk.clone();
  other.slice(0, 30, 40).add_(1);
  const at::Tensor after = pointwise_attention(other, batch, 2, biases.pair());
  EXPECT_TRUE(at::equal(before.slice(0, 0, 30), after.slice(0, 0, 30)));
  EXPECT_TRUE(at::equal(before.slice(0, 40, 80), after.slice(0, 40, 80)));
  EXPECT_FALSE(at::equal(before.slice(0, 30, 40), after.slice(0, 30, 40)));
}

TEST(PointwiseAttentionTimes, AnotherGapGivesAnotherAnswer) {
  Packed batch = packed({2});
  const Biases biases(/*window=*/2, /*buckets=*/24);
  const at::Tensor uvqk = random_tensor(2, 4 * 8, 1);
  batch.times = {events::Millis{0}, events::Millis{5000}};
  const at::Tensor soon = pointwise_attention(uvqk, batch, 2, biases.pair());
  batch.times[1] = events::Millis{events::kHourMs};
  const at::Tensor late = pointwise_attention(uvqk, batch, 2, biases.pair());
  EXPECT_TRUE(at::equal(soon[0], late[0]));
  EXPECT_FALSE(at::allclose(soon[1], late[1]));
}

}  // namespace
}  // namespace ensue::nn
