// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "ensue/base/error.h"
#include "ensue/nn/internal/test_model.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

Parameters one(float value, float gradient) {
  Parameters out;
  out.push_back(parameter(at::full({1}, value)));
  out[0]->grad.fill_(gradient);
  return out;
}

TEST(Optimizer, AdamsTwoFirstStepsByHand) {
  const Parameters p = one(1, 0.5F);
  Optimizer adam(p, {.kind = "adam"});
  adam.step(0.1);
  // Bias correction makes the first step rate * g / (|g| + epsilon).
  EXPECT_NEAR(p[0]->data()[0], 0.9, 1e-6);
  EXPECT_EQ(p[0]->slope()[0], 0);
  p[0]->grad.fill_(-1);
  adam.step(0.1);
  const double m = (0.9 * 0.05 + 0.1 * -1) / (1 - 0.81);
  const double v = (0.999 * 0.00025 + 0.001) / (1 - 0.998001);
  EXPECT_NEAR(p[0]->data()[0], 0.9 - 0.1 * m / std::sqrt(v), 1e-5);
}

TEST(Optimizer, AdamWShrinksTheValueApartFromTheGradient) {
  const Parameters p = one(2, 1);
  Optimizer adamw(p, {.kind = "adamw", .weight_decay = 0.5});
  adamw.step(0.1);
  EXPECT_NEAR(p[0]->data()[0], 2 * (1 - 0.1 * 0.5) - 0.1, 1e-6);
}

TEST(Optimizer, SgdRollsWithMomentum) {
  const Parameters p = one(1, 1);
  Optimizer sgd(p, {.kind = "sgd", .momentum = 0.5});
  sgd.step(0.1);
  EXPECT_NEAR(p[0]->data()[0], 0.9, 1e-6);
  p[0]->grad.fill_(1);
  sgd.step(0.1);
  EXPECT_NEAR(p[0]->data()[0], 0.9 - 0.1 * 1.5, 1e-6);
}

TEST(Optimizer, ClipsTheNormOverAllParametersTogether) {
  Parameters p = one(0, 3);
  p.push_back(parameter(at::zeros({1})));
  p[1]->grad.fill_(4);
  Optimizer sgd(p, {.kind = "sgd", .momentum = 0, .clip_norm = 1});
  EXPECT_NEAR(sgd.step(1), 5, 1e-6);  // the norm before: sqrt(9 + 16)
  EXPECT_NEAR(p[0]->data()[0], -0.6, 1e-6);
  EXPECT_NEAR(p[1]->data()[0], -0.8, 1e-6);
}

TEST(Optimizer, RowsWithoutAGradientKeepTheirValuesAndMoments) {
  Parameters p;
  p.push_back(table(at::ones({3, 2})));
  Optimizer adam(p, {});
  p[0]->grad[1].fill_(1);
  p[0]->marks.add(1);
  adam.step(0.1);
  EXPECT_FLOAT_EQ(p[0]->data()[0], 1);
  EXPECT_NEAR(p[0]->data()[2], 0.9, 1e-6);
  adam.step(0.1);  // nothing marked: nothing moves, though moments are not 0
  EXPECT_NEAR(p[0]->data()[2], 0.9, 1e-6);
  EXPECT_TRUE(p[0]->marks.rows().empty());
  EXPECT_FALSE(p[0]->marks.has(1));
}

double length(const Parameter& p, std::int64_t row) {
  return at::linalg_vector_norm(p.value[row]).item<double>();
}

TEST(Optimizer, UnitRowsHaveLengthOneAfterEveryStep) {
  for (const bool portable : {false, true}) {
    std::optional<PortableGuard> guard;
    if (portable) guard.emplace();
    Parameters p;
    p.push_back(table(at::full({3, 4}, 0.5F)));
    p[0]->unit_rows = true;
    p[0]->value[2].fill_(0);  // has no direction
    Optimizer adam(p, {});
    p[0]->grad[1].copy_(at::tensor({1.F, -1.F, 0.F, 0.F}));
    p[0]->marks.add(1);
    adam.step(0.1);
    // (.4, .6, .5, .5) over its length.
    EXPECT_NEAR(p[0]->value[1][0].item<float>(), 0.4 / std::sqrt(1.02), 1e-5);
    EXPECT_NEAR(length(*p[0], 1), 1, 1e-6);
    p[0]->mark_all();
    p[0]->grad[0].fill_(-3);
    adam.step(0.1);
    EXPECT_NEAR(length(*p[0], 0), 1, 1e-6);
    EXPECT_NEAR(length(*p[0], 1), 1, 1e-6);
    EXPECT_EQ(length(*p[0], 2), 0);
  }
}

TEST(Optimizer, AGradientThatIsNotFiniteChangesNothing) {
  const Parameters p = one(1, std::nanf(""));
  Optimizer adam(p, {.clip_norm = 1});
  EXPECT_TRUE(std::isnan(adam.step(0.1)));
  EXPECT_FLOAT_EQ(p[0]->data()[0], 1);
  EXPECT_EQ(p[0]->slope()[0], 0);
}

TEST(Optimizer, RefusesAnUnknownKind) {
  const Parameters p = one(1, 1);
  EXPECT_THROW(Optimizer(p, {.kind = "adamax"}), Error);
}

TEST(LearningRate, RisesThenStaysOrFallsAlongACosine) {
  EXPECT_NEAR(learning_rate_at("constant", 2, 0.2, 0.1), 1, 1e-12);
  EXPECT_NEAR(learning_rate_at("constant", 2, 0.2, 0.9), 2, 1e-12);
  EXPECT_NEAR(learning_rate_at("cosine", 2, 0.2, 0.2), 2, 1e-12);
  EXPECT_NEAR(learning_rate_at("cosine", 2, 0.2, 0.6), 1, 1e-12);
  EXPECT_NEAR(learning_rate_at("cosine", 2, 0.2, 1), 0, 1e-12);
  EXPECT_THROW(learning_rate_at("step", 1, 0, 0.5), Error);
}

}  // namespace
}  // namespace ensue::nn
