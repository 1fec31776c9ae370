// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/response.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::tasks {
namespace {

TEST(PlanBudget, CountsTheGainOfTheTestedOnesThatTheRuleChooses) {
  // Tested: the first half by effect gains 1 of 1, the others nothing.
  const std::vector<double> tested = {4, 4, 4, 4, 1, 1, 1, 1};
  const std::vector<double> outcome = {1, 0, 1, 0, 0, 0, 0, 0};
  const std::vector<std::uint8_t> treated = {1, 0, 1, 0, 1, 0, 1, 0};
  const std::vector<double> effects = {0.1, 0.5, 0.4, 0.2};
  const auto plan = plan_budget(effects, 2, {tested, outcome, treated});
  EXPECT_EQ(plan.customers, std::vector<std::size_t>({1, 2}));
  EXPECT_EQ(plan.tested, 4U);
  EXPECT_DOUBLE_EQ(plan.gain, 2);
  EXPECT_DOUBLE_EQ(plan.random_gain, 1);
  EXPECT_DOUBLE_EQ(plan.low, 2);  // nobody in an arm differs
}

TEST(PlanBudget, LeavesOutWhoIsPutOff) {
  const std::vector<double> tested(12, 1), outcome(12, 0.5);
  const std::vector<std::uint8_t> treated = {1, 0, 1, 0, 1, 0,
                                             1, 0, 1, 0, 1, 0};
  const std::vector<double> effects = {-0.1, 0.2, -0.4};
  EXPECT_EQ(plan_budget(effects, 3, {tested, outcome, treated}).customers,
            std::vector<std::size_t>({1}));
  const std::vector<double> all_averse = {-1, -2};
  EXPECT_EQ(plan_budget(all_averse, 2, {tested, outcome, treated}).gain, 0);
}

TEST(PlanBudget, TheIntervalHoldsTheTruthNineteenTimesOfTwenty) {
  Rng rng(1);
  int inside = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<double> effects, outcome;
    std::vector<std::uint8_t> treated;
    for (int i = 0; i < 400; ++i) {
      effects.push_back(1);
      treated.push_back(rng.chance(0.5) ? 1 : 0);
      outcome.push_back(rng.chance(treated.back() != 0 ? 0.5 : 0.3) ? 1 : 0);
    }
    const auto plan = plan_budget(std::vector<double>{1, 1, 1}, 3,
                                  {effects, outcome, treated});
    inside += plan.low < 0.6 && plan.high > 0.6 ? 1 : 0;
  }
  EXPECT_NEAR(inside, 380, 18);  // four standard errors
}

TEST(PlanBudget, RefusesAnArmWithoutCustomers) {
  const std::vector<double> tested = {1, 1}, outcome = {1, 0};
  const std::vector<std::uint8_t> treated = {1, 1};
  EXPECT_THROW(plan_budget(tested, 1, {tested, outcome, treated}), Error);
}

}  // namespace
}  // namespace ensue::tasks
