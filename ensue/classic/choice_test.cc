// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/choice.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/rng.h"
#include "ensue/classic/internal/solve.h"

namespace ensue::classic {
namespace {

// Questions of three options each, answered by known weights.
Choices drawn(const std::vector<double>& truth, std::size_t questions) {
  Choices out;
  out.width = truth.size();
  Rng rng(1);
  for (std::size_t q = 0; q < questions; ++q) {
    double best = -HUGE_VAL;
    std::size_t chosen = 0;
    for (std::size_t o = 0; o < 3; ++o) {
      double score = -std::log(rng.exponential());  // Gumbel: a softmax choice
      for (const double w : truth) {
        out.rows.push_back(rng.normal());
        score += w * out.rows.back();
      }
      if (score > best) {
        best = score;
        chosen = o;
      }
    }
    out.offsets.push_back(out.rows.size() / truth.size());
    out.chosen.push_back(chosen);
  }
  return out;
}

TEST(FitChoice, FindsTheWeightsThatChose) {
  const std::vector<double> truth = {1.5, -0.5, 0};
  const auto found =
      fit_choice(drawn(truth, 5000), std::vector<std::uint8_t>{1, 1, 1}, 0);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_NEAR(found[i], truth[i], 0.1) << i;  // about four standard errors
  }
}

TEST(FitChoice, StandsWhereEveryStepGoesDown) {
  const Choices choices = drawn({1, 0.3}, 300);
  const auto found = fit_choice(choices, std::vector<std::uint8_t>{1, 1}, 0);
  const double best = choice_log_likelihood(choices, found);
  for (const double step : {-0.01, 0.01}) {
    for (std::size_t i = 0; i < 2; ++i) {
      auto other = found;
      other[i] += step;
      EXPECT_LT(choice_log_likelihood(choices, other), best);
    }
  }
}

TEST(FitChoice, LeavesUnusedColumnsAtNothing) {
  const auto found =
      fit_choice(drawn({1, 1}, 300), std::vector<std::uint8_t>{0, 1}, 0);
  EXPECT_EQ(found[0], 0);
  EXPECT_GT(found[1], 0.5);
}

TEST(FitChoice, ARidgeDrawsTheWeightsIn) {
  const Choices choices = drawn({2, 0}, 300);
  const std::vector<std::uint8_t> used = {1, 1};
  EXPECT_LT(fit_choice(choices, used, 100)[0], fit_choice(choices, used, 1)[0]);
}

TEST(SolveSymmetric, SolvesAndSetsWhatIsSaidTwiceToNothing) {
  // [4 2; 2 3] x = [10 8] has x = [1.75 1.5].
  const auto x = solve_symmetric({4, 2, 2, 3}, std::vector<double>{10, 8});
  EXPECT_NEAR(x[0], 1.75, 1e-12);
  EXPECT_NEAR(x[1], 1.5, 1e-12);
  const auto twice = solve_symmetric({1, 1, 1, 1}, std::vector<double>{2, 2});
  EXPECT_NEAR(twice[0], 2, 1e-12);
  EXPECT_EQ(twice[1], 0);
}

}  // namespace
}  // namespace ensue::classic
