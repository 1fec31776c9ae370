// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "ensue/nn/internal/test_model.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

struct Layer {
  std::unique_ptr<Parameter> weight_ih, weight_hh, bias_ih, bias_hh;

  Layer(std::int64_t gates, std::int64_t inputs, std::int64_t hidden)
      : weight_ih(parameter(random_tensor(gates * hidden, inputs, 11))),
        weight_hh(parameter(random_tensor(gates * hidden, hidden, 12))),
        bias_ih(parameter(random_tensor(1, gates * hidden, 13).view({-1}))),
        bias_hh(parameter(random_tensor(1, gates * hidden, 14).view({-1}))) {}

  RecurrentWeights weights() const {
    return {weight_ih.get(), weight_hh.get(), bias_ih.get(), bias_hh.get()};
  }
  void fill(float ih, float hh, float b_ih, float b_hh) const {
    weight_ih->value.fill_(ih);
    weight_hh->value.fill_(hh);
    bias_ih->value.fill_(b_ih);
    bias_hh->value.fill_(b_hh);
  }
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// One unit, one input, two events x = 1, 2; every weight_ih 0.5, weight_hh
// 0.25, bias_ih 0.1, bias_hh 0.2.
std::array<double, 2> two_steps(Cell cell, std::int64_t gates) {
  const Layer layer(gates, 1, 1);
  layer.fill(0.5F, 0.25F, 0.1F, 0.2F);
  const at::Tensor x = at::tensor({1.0F, 2.0F}).view({2, 1});
  const at::Tensor h = recurrent(cell, x, layer.weights(), packed({2}));
  return {h[0][0].item<double>(), h[1][0].item<double>()};
}

TEST(Recurrent, TheRnnFollowsItsEquationByHand) {
  const auto h = two_steps(Cell::kRnn, 1);
  const double h1 = std::tanh(0.5 + 0.1 + 0.2);
  EXPECT_NEAR(h[0], h1, 1e-6);
  EXPECT_NEAR(h1, 0.664037, 1e-6);
  EXPECT_NEAR(h[1], std::tanh(1.0 + 0.25 * h1 + 0.3), 1e-6);
}

TEST(Recurrent, TheGruFollowsItsEquationsByHand) {
  const auto h = two_steps(Cell::kGru, 3);
  const double r1 = sigmoid(0.8), n1 = std::tanh(0.6 + r1 * 0.2);
  const double h1 = (1 - r1) * n1;  // z equals r here, the state is 0
  EXPECT_NEAR(h[0], h1, 1e-6);
  const double r2 = sigmoid(1.1 + 0.25 * h1 + 0.2);
  const double n2 = std::tanh(1.1 + r2 * (0.25 * h1 + 0.2));
  EXPECT_NEAR(h[1], (1 - r2) * n2 + r2 * h1, 1e-6);
}

TEST(Recurrent, TheLstmFollowsItsEquationsByHand) {
  const auto h = two_steps(Cell::kLstm, 4);
  const double s1 = sigmoid(0.8), c1 = s1 * std::tanh(0.8);
  const double h1 = s1 * std::tanh(c1);
  EXPECT_NEAR(h[0], h1, 1e-6);
  const double sum = 1.3 + 0.25 * h1, s2 = sigmoid(sum);
  const double c2 = s2 * c1 + s2 * std::tanh(sum);
  EXPECT_NEAR(h[1], s2 * std::tanh(c2), 1e-6);
}

class RecurrentCells : public testing::TestWithParam<Cell> {
 protected:
  std::int64_t gates() const {
    return GetParam() == Cell::kRnn ? 1 : GetParam() == Cell::kGru ? 3 : 4;
  }
  const char* name() const {
    return GetParam() == Cell::kRnn   ? "rnn"
           : GetParam() == Cell::kGru ? "gru"
                                      : "lstm";
  }
};

INSTANTIATE_TEST_SUITE_P(All, RecurrentCells,
                         testing::Values(Cell::kRnn, Cell::kGru, Cell::kLstm));

TEST_P(RecurrentCells, ASequenceGivesTheSameAloneAndAmongOthers) {
  const Layer layer(gates(), 3, 5);
  const Packed batch = packed({4, 1, 9, 2});
  const at::Tensor x = random_tensor(16, 3, 1);
  const at::Tensor all = recurrent(GetParam(), x, layer.weights(), batch);
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    const std::int64_t a = batch.offsets[s], b = batch.offsets[s + 1];
    const at::Tensor alone = recurrent(GetParam(), x.slice(0, a, b),
                                       layer.weights(), packed({b - a}));
    EXPECT_LT((all.slice(0, a, b) - alone).abs().max().item<double>(), 1e-6)
        << "sequence " << s;
  }
}

TEST_P(RecurrentCells, ItsGradientsAreThoseOfFiniteDifferences) {
  const Layer layer(gates(), 2, 3);
  const Packed batch = packed({3, 1, 2});
  at::Tensor x = random_tensor(6, 2, 1).requires_grad_(true);
  const at::Tensor c = random_tensor(6, 3, 2);
  recurrent(GetParam(), x, layer.weights(), batch).backward(c);
  const at::Tensor dx = x.grad().clone();
  x = x.detach();
  const auto value = [&] {
    const at::NoGradGuard off;
    return (recurrent(GetParam(), x, layer.weights(), batch) * c)
        .sum()
        .item<double>();
  };
  expect_slope(x, dx, value);
  expect_slope(layer.weight_ih->value, layer.weight_ih->grad, value);
  expect_slope(layer.weight_hh->value, layer.weight_hh->grad, value);
  expect_slope(layer.bias_ih->value, layer.bias_ih->grad, value);
  expect_slope(layer.bias_hh->value, layer.bias_hh->grad, value);
}

void print(std::ostream& out, const at::Tensor& t) {
  for (std::int64_t i = 0; i < t.numel(); ++i) {
    out << t.data_ptr<float>()[i] << '\n';
  }
}

// The script's numbers; empty when Python's torch is not there.
std::vector<double> ask_torch(const std::string& cell,
                              const std::string& input) {
  const auto folder = std::filesystem::path(testing::TempDir());
  const auto file = folder / ("ensue_recurrent_" + cell + ".txt");
  std::ofstream(file) << input;
  const std::string command = "/usr/bin/python3 " ENSUE_SOURCE_DIR
                              "/tests/reference/recurrent.py " +
                              cell + " < '" + file.string() + "' 2>/dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  std::vector<double> out;
  for (double number;
       pipe != nullptr && std::fscanf(pipe, "%lf", &number) == 1;) {
    out.push_back(number);
  }
  const bool failed = pipe == nullptr || ::pclose(pipe) != 0;
  std::filesystem::remove(file);
  return failed ? std::vector<double>() : out;
}

TEST_P(RecurrentCells, OutputsAndGradientsEqualPythonsTorch) {
  const std::int64_t steps = 6, inputs = 3, hidden = 4;
  const Layer layer(gates(), inputs, hidden);
  const at::Tensor x = random_tensor(steps, inputs, 1).requires_grad_(true);
  const at::Tensor c = random_tensor(steps, hidden, 2);
  std::ostringstream input;
  input.precision(9);
  input << steps << ' ' << inputs << ' ' << hidden << '\n';
  for (const at::Tensor& t : {x, layer.weight_ih->value, layer.weight_hh->value,
                              layer.bias_ih->value, layer.bias_hh->value, c}) {
    print(input, t);
  }
  const auto expected = ask_torch(name(), input.str());
  if (expected.empty()) GTEST_SKIP() << "no /usr/bin/python3 with torch";

  const at::Tensor out =
      recurrent(GetParam(), x, layer.weights(), packed({steps}));
  out.backward(c);
  std::vector<float> ours;
  for (const at::Tensor& t :
       {out, x.grad(), layer.weight_ih->grad, layer.weight_hh->grad,
        layer.bias_ih->grad, layer.bias_hh->grad}) {
    ours.insert(ours.end(), t.data_ptr<float>(),
                t.data_ptr<float>() + t.numel());
  }
  ASSERT_EQ(ours.size(), expected.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_NEAR(ours[i], expected[i], 1e-5) << "number " << i;
  }
}

}  // namespace
}  // namespace ensue::nn
