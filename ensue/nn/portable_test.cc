// SPDX-License-Identifier: Apache-2.0
// Both halves of every op, loss and optimiser give the same numbers: on the
// CPU, and on a GPU where there is one.
#include "ensue/nn/portable.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/nn/adapters.h"
#include "ensue/nn/internal/test_model.h"
#include "ensue/nn/losses.h"
#include "ensue/nn/ops.h"
#include "ensue/nn/optimizer.h"
#include "ensue/nn/pointwise_attention.h"

namespace ensue::nn {
namespace {

enum class Half { kKernels, kPortable, kCuda };

// What one half gave: numbers, gradients, marks; on the CPU.
struct Outcome {
  std::vector<at::Tensor> tensors;
  std::vector<std::vector<std::int64_t>> marked;

  void add(const Parameters& parameters) {
    for (const auto& p : parameters) {
      tensors.push_back(p->grad.cpu().clone());
      marked.push_back(p->by_row && !p->all_rows ? p->marked_rows()
                                                 : std::vector<std::int64_t>{});
    }
  }
};

// Inputs of an op, the same every time they are made.
struct Shape {
  std::int64_t rows, cols;
  bool table = false;
  bool column = false;  // [rows]
};

Parameters make_parameters(const std::vector<Shape>& shapes,
                           const at::Device& device) {
  Parameters out;
  std::uint64_t seed = 100;
  for (const Shape& shape : shapes) {
    at::Tensor value = random_tensor(shape.rows, shape.cols, ++seed);
    if (shape.column) value = value.view({-1});
    out.push_back(shape.table ? table(value) : parameter(value));
    out.back()->to(device);
  }
  return out;
}

at::Device device_of(Half half) {
  return half == Half::kCuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
}

struct OpCase {
  std::string name;
  Shape x;
  std::vector<Shape> parameters;
  std::function<at::Tensor(const at::Tensor& x, const Parameters&)> run;
  bool draws = false;  // another random stream on a GPU
};

struct LossCase {
  std::string name;
  std::function<LossValue(const at::Tensor&, const Targets&, const ItemHead&,
                          Rng&)>
      run;
  bool repeats = false;
};

Outcome outcome(const OpCase& c, Half half) {
  std::optional<PortableGuard> guard;
  if (half == Half::kPortable) guard.emplace();
  const at::Device device = device_of(half);
  const Parameters parameters = make_parameters(c.parameters, device);
  const at::Tensor x =
      random_tensor(c.x.rows, c.x.cols, 1).to(device).requires_grad_();
  Outcome out;
  for (int step = 0; step < 2; ++step) {  // gradients add up
    const at::Tensor y = c.run(x, parameters);
    y.backward(random_tensor(y.size(0), y.size(1), 9).to(device));
    out.tensors.push_back(y.detach().cpu());
  }
  if (x.grad().defined()) out.tensors.push_back(x.grad().cpu());
  out.add(parameters);
  return out;
}

// Rows 0, 2, 3, 4 of five predict; row 2 three items, the last one no weight.
Targets targets() {
  Targets out;
  out.rows = {0, 2, 3, 4};
  out.begin = {0, 1, 4, 5, 6};
  out.items = {5, 0, 2, 6, 2, 3};
  out.weights = {1, 0.5F, 0.25F, 0.25F, 2, 0};
  out.repeats.begin = {0, 2, 2, 3, 5};
  out.repeats.items = {1, 5, 2, 0, 6};
  out.repeats.numbers = {
      {1, 0.5F, 0.25F}, {2, 1, 1}, {0.5F, 0.25F, 0.125F}, {1, 1, 1}, {3, 2, 1}};
  return out;
}

Outcome outcome(const LossCase& c, Half half) {
  std::optional<PortableGuard> guard;
  if (half == Half::kPortable) guard.emplace();
  const at::Device device = device_of(half);
  const Parameters parameters = make_parameters(
      {{7, 3, true}, {7, 1, true, true}, {1, 3, false, true}, {3, 3}}, device);
  ItemHead head;
  head.weight = parameters[0].get();
  head.bias = parameters[1].get();
  if (c.repeats) {
    head.repeat = {parameters[2].get(), parameters[3].get()};
    head.repeats = 5;
  }
  const at::Tensor hidden = random_tensor(5, 3, 1).to(device);
  Outcome out;
  Rng rng(3);
  for (int step = 0; step < 2; ++step) {
    const LossValue value = c.run(hidden, targets(), head, rng);
    out.tensors.push_back(at::tensor({value.sum, value.weight}));
    out.tensors.push_back(value.slope.cpu());
  }
  out.add(parameters);
  return out;
}

void expect_equal(const Outcome& a, const Outcome& b, double tolerance) {
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    ASSERT_EQ(a.tensors[i].sizes(), b.tensors[i].sizes()) << i;
    EXPECT_LT((a.tensors[i] - b.tensors[i]).abs().max().item<double>(),
              tolerance)
        << "tensor " << i;
  }
  EXPECT_EQ(a.marked, b.marked);
}

template <class Case>
class BothHalves : public testing::TestWithParam<std::tuple<Case, Half>> {
 protected:
  void compare() {
    const auto& [c, half] = this->GetParam();
    if (half == Half::kCuda && !at::hasCUDA()) GTEST_SKIP() << "no GPU here";
    if constexpr (requires { c.draws; }) {
      if (half == Half::kCuda && c.draws) GTEST_SKIP() << "other draws there";
    }
    expect_equal(outcome(c, Half::kKernels), outcome(c, half),
                 half == Half::kCuda ? 1e-4 : 2e-5);
  }
};

const Packed& batch() {  // sequences of one event, of none, and longer ones
  static const Packed out = packed({1, 7, 0, 3, 4, 12});
  return out;
}
constexpr std::int64_t kEvents = 27;

RecurrentWeights weights_of(const Parameters& p) {
  return {p[0].get(), p[1].get(), p[2].get(), p[3].get()};
}

OpCase recurrent_case(const std::string& name, Cell cell, std::int64_t gates) {
  return {name,
          {kEvents, 3},
          {{gates * 5, 3},
           {gates * 5, 5},
           {gates * 5, 1, false, true},
           {gates * 5, 1, false, true}},
          [cell](const at::Tensor& x, const Parameters& p) {
            return recurrent(cell, x, weights_of(p), batch());
          }};
}

OpCase attention_case(
    const std::string& name,
    std::function<at::Tensor(const at::Tensor&, const Packed&, int)> attend) {
  return {name,
          {kEvents, 24},
          {},
          [attend](const at::Tensor& x, const Parameters&) {
            return attend(x, batch(), /*heads=*/2);
          }};
}

std::vector<OpCase> dense_cases() {
  return {
      {"embed",
       {1, 1},
       {{6, 4, true}},
       [](const at::Tensor&, const Parameters& p) {
         return embed(*p[0], {5, 0, 5, 2}, 3);
       }},
      {"embed_with_a_mask",
       {1, 1},
       {{6, 4, true}, {4, 1, false, true}},
       [](const at::Tensor&, const Parameters& p) {
         return embed(*p[0], {kMasked, 1, kMasked, 1, 3}, 2, p[1].get());
       }},
      {"embed_without_the_masked",
       {1, 1},
       {{6, 4, true}},
       [](const at::Tensor&, const Parameters& p) {
         return embed(*p[0], {kMasked, 4}, 1);
       }},
      {"linear",
       {9, 5},
       {{4, 5}, {4, 1, false, true}},
       [](const at::Tensor& x, const Parameters& p) {
         return linear(x, *p[0], *p[1]);
       }},
      {"linear_relu",
       {9, 5},
       {{4, 5}, {4, 1, false, true}},
       [](const at::Tensor& x, const Parameters& p) {
         return linear_relu(x, *p[0], *p[1]);
       }},
      {"linear_gelu",
       {9, 6},
       {{4, 6}, {4, 1, false, true}},
       [](const at::Tensor& x, const Parameters& p) {
         return linear_gelu(x, *p[0], *p[1]);
       }},
      {"residual",
       {9, 6},
       {{6, 6}, {6, 1, false, true}},
       [](const at::Tensor& x, const Parameters& p) {
         return residual({x, *p[0], *p[1], x, {0.4, 1, 2, 3}});
       },
       /*draws=*/true},
      {"residual_norm",
       {9, 6},
       {{6, 6}, {6, 1, false, true}, {6, 1, false, true}, {6, 1, false, true}},
       [](const at::Tensor& x, const Parameters& p) {
         const auto out = residual_norm({x, *p[0], *p[1], x, {}}, *p[2], *p[3]);
         return out.sum + out.normed * out.normed;
       }},
      {"layer_norm",
       {9, 5},
       {{5, 1, false, true}, {5, 1, false, true}},
       [](const at::Tensor& x, const Parameters& p) {
         return layer_norm(x, *p[0], *p[1]);
       }},
      {"dropout",
       {9, 6},
       {},
       [](const at::Tensor& x, const Parameters&) {
         return dropout(x, at::Tensor(), {0.4, 1, 2, 3});
       },
       /*draws=*/true},
      {"dropout_with_a_base",
       {9, 6},
       {},
       [](const at::Tensor& x, const Parameters&) {
         return dropout(x.narrow(1, 0, 3).contiguous(),
                        x.narrow(1, 3, 3).contiguous(), {0.4, 1, 2, 3});
       },
       /*draws=*/true},
      {"gated_add",
       {9, 6},
       {},
       [](const at::Tensor& x, const Parameters&) {
         const auto part = [&x](std::int64_t i) {
           return x.narrow(1, 2 * i, 2).contiguous();
         };
         return gated_add(part(0), part(1), part(2));
       }},
      {"swiglu",
       {9, 6},
       {},
       [](const at::Tensor& x, const Parameters&) { return swiglu(x); }},
  };
}

OpCase pointwise_case(const std::string& name, std::int64_t window, bool time) {
  std::vector<Shape> parameters = {{window, 1, false, true}};
  if (time) parameters.push_back({20, 1, false, true});
  return {name,
          {kEvents, 16},
          parameters,
          [time](const at::Tensor& x, const Parameters& p) {
            return pointwise_attention(
                x, batch(), 2, {p[0].get(), time ? p[1].get() : nullptr});
          }};
}

std::vector<OpCase> op_cases() {
  std::vector<OpCase> out = dense_cases();
  out.push_back(attention_case("causal_attention", causal_attention));
  out.push_back(attention_case("windowed_attention",
                               [](const at::Tensor& x, const Packed& b, int h) {
                                 return windowed_attention(x, b, h, 3);
                               }));
  out.push_back(
      attention_case("bidirectional_attention", bidirectional_attention));
  out.push_back(pointwise_case("pointwise_attention", 20, /*time=*/false));
  out.push_back(pointwise_case("pointwise_with_times", 5, /*time=*/true));
  out.push_back({"causal_taps",
                 {kEvents, 3},
                 {},
                 [](const at::Tensor& x, const Parameters&) {
                   return causal_taps(x, batch(), {3, 2});
                 }});
  out.push_back(recurrent_case("rnn", Cell::kRnn, 1));
  out.push_back(recurrent_case("gru", Cell::kGru, 3));
  out.push_back(recurrent_case("lstm", Cell::kLstm, 4));
  return out;
}

const NegativeSampler& sampler() {
  static const NegativeSampler out(
      std::vector<std::uint64_t>{3, 1, 9, 2, 1, 4, 4}, /*alpha=*/0.75);
  return out;
}

std::vector<LossCase> loss_cases() {
  using at::Tensor;
  const auto softmax = [](const Tensor& x, const Targets& targets,
                          const ItemHead& head,
                          Rng&) { return SoftmaxLoss()(x, targets, head); };
  return {
      {"softmax", softmax},
      {"softmax_with_repeats", softmax, /*repeats=*/true},
      {"sampled_softmax",
       [](const Tensor& x, const Targets& t, const ItemHead& head, Rng& rng) {
         return sampled_softmax_loss(x, t, head, sampler(), 12, rng);
       }},
      {"sampled_softmax_with_repeats",
       [](const Tensor& x, const Targets& t, const ItemHead& head, Rng& rng) {
         return sampled_softmax_loss(x, t, head, sampler(), 12, rng);
       },
       /*repeats=*/true},
      {"bce", [](const Tensor& x, const Targets& t, const ItemHead& head,
                 Rng& rng) { return bce_loss(x, t, head, sampler(), 3, rng); }},
      {"gbce",
       [](const Tensor& x, const Targets& t, const ItemHead& head, Rng& rng) {
         return gbce_loss(x, t, head, sampler(), {3, 0.75}, rng);
       }},
      {"bpr_max",
       [](const Tensor& x, const Targets& t, const ItemHead& head, Rng& rng) {
         return bpr_max_loss(x, t, head, sampler(), {9, 0.7}, rng);
       }},
      {"bpr_max_where_every_draw_is_a_target",
       [](const Tensor& x, const Targets& t, const ItemHead& head, Rng& rng) {
         return bpr_max_loss(x, t, head, sampler(), {1, 1}, rng);
       }},
  };
}

template <class Case>
std::string name_of(
    const testing::TestParamInfo<std::tuple<Case, Half>>& info) {
  return std::get<0>(info.param).name +
         (std::get<1>(info.param) == Half::kCuda ? "_on_a_gpu" : "");
}

using Op = BothHalves<OpCase>;
TEST_P(Op, GiveTheSame) { compare(); }
INSTANTIATE_TEST_SUITE_P(Portable, Op,
                         testing::Combine(testing::ValuesIn(op_cases()),
                                          testing::Values(Half::kPortable,
                                                          Half::kCuda)),
                         name_of<OpCase>);

using Loss = BothHalves<LossCase>;
TEST_P(Loss, GiveTheSame) { compare(); }
INSTANTIATE_TEST_SUITE_P(Portable, Loss,
                         testing::Combine(testing::ValuesIn(loss_cases()),
                                          testing::Values(Half::kPortable,
                                                          Half::kCuda)),
                         name_of<LossCase>);

TEST(Portable, TheGuardForcesTheOtherHalfWhileItLives) {
  const at::Tensor x = random_tensor(2, 3, 1);
  EXPECT_FALSE(is_portable(x));
  {
    const PortableGuard guard;
    EXPECT_TRUE(is_portable(x));
    EXPECT_EQ(swiglu(random_tensor(2, 4, 1).requires_grad_()).grad_fn()->name(),
              "MulBackward0");
  }
  EXPECT_FALSE(is_portable(x));
}

TEST(Portable, RefusesADeviceThatIsNotThere) {
  EXPECT_EQ(nn::device_of("train.device", "cpu"), at::Device(at::kCPU));
  const auto refusal = [](const std::string& name) -> std::string {
    try {
      nn::device_of("train.device", name);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal("tpu"), "train.device: 'tpu', expected cpu or cuda");
  if (at::hasCUDA()) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(refusal("cuda"),
            "train.device: cuda, but this libtorch was built without CUDA or "
            "finds no GPU; expected cpu");
}

// A table of which two rows have gradients, and a matrix; three steps, the
// second with other rows.
std::vector<std::vector<float>> optimised(const OptimizerOptions& options,
                                          Half half) {
  std::optional<PortableGuard> guard;
  if (half == Half::kPortable) guard.emplace();
  const Parameters p = make_parameters({{6, 3, true}, {4, 5}}, device_of(half));
  Optimizer optimizer(p, options);
  for (std::int64_t step = 0; step < 3; ++step) {
    for (const std::int64_t row : {std::int64_t{4}, step}) {
      p[0]->grad[row].fill_(0.3 + static_cast<double>(row));
      p[0]->marks.add(static_cast<std::size_t>(row));
    }
    p[1]->grad.copy_(random_tensor(4, 5, 50 + static_cast<unsigned>(step)));
    optimizer.step(0.1);
  }
  auto out = optimizer.moments();
  for (const auto& parameter : p) {
    EXPECT_EQ(parameter->grad.abs().sum().item<double>(), 0);
    const at::Tensor value = parameter->value.cpu();
    out.emplace_back(value.data_ptr<float>(),
                     value.data_ptr<float>() + value.numel());
  }
  return out;
}

class Optimisers : public testing::TestWithParam<Half> {};

TEST_P(Optimisers, StepAlike) {
  if (GetParam() == Half::kCuda && !at::hasCUDA()) {
    GTEST_SKIP() << "no GPU here";
  }
  for (const OptimizerOptions& options :
       {OptimizerOptions{.kind = "adam", .clip_norm = 2},
        OptimizerOptions{.kind = "adamw", .weight_decay = 0.3},
        OptimizerOptions{.kind = "sgd", .weight_decay = 0.2}}) {
    SCOPED_TRACE(options.kind);
    const auto expected = optimised(options, Half::kKernels);
    const auto got = optimised(options, GetParam());
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      for (std::size_t j = 0; j < got[i].size(); ++j) {
        EXPECT_NEAR(got[i][j], expected[i][j], 1e-5) << i << ", " << j;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Portable, Optimisers,
                         testing::Values(Half::kPortable, Half::kCuda));

TEST(Optimizer, TakesBackTheMomentsThatItGave) {
  const Parameters p = make_parameters({{2, 3}}, at::kCPU);
  Optimizer a(p, {}), b(p, {});
  p[0]->grad.fill_(1);
  a.step(0.1);
  b.set_moments(a.moments());
  EXPECT_EQ(a.moments(), b.moments());
  EXPECT_THROW(b.set_moments({{1, 2}}), Error);
}

TEST(Portable, AdaptersPullAndPushAlike) {
  const auto run = [](Half half) {
    std::optional<PortableGuard> guard;
    if (half == Half::kPortable) guard.emplace();
    const Parameters p = make_parameters({{4, 5}}, at::kCPU);
    Adapters adapters({p[0].get()}, 2, /*seed=*/5);
    adapters.parameters()[0]->value.fill_(0.5);
    p[0]->grad.copy_(random_tensor(4, 5, 3));
    adapters.pull();
    adapters.push();
    Outcome out;
    out.add(adapters.parameters());
    out.add(p);
    out.tensors.push_back(p[0]->value.clone());
    return out;
  };
  expect_equal(run(Half::kKernels), run(Half::kPortable), 1e-5);
}

}  // namespace
}  // namespace ensue::nn
