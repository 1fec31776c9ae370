// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/uplift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::classic {
namespace {

struct Drawn {
  CampaignRows campaign;
  std::vector<double> effect;  // the true one
};

// An amount of 1 + b, plus a - 0.3 when treated, plus noise: linear in a and b.
Drawn drawn(std::size_t n, std::uint64_t seed, bool binary = false) {
  Drawn out;
  Rng rng(seed);
  std::vector<double> a, b;
  for (std::size_t i = 0; i < n; ++i) {
    a.push_back(rng.uniform());
    b.push_back(rng.normal());
    const bool treated = rng.chance(0.4);
    out.effect.push_back(binary ? 0.3 * a.back() : a.back() - 0.3);
    const double mean = treated ? out.effect.back() : 0;
    out.campaign.treated.push_back(treated ? 1 : 0);
    out.campaign.outcome.push_back(binary ? (rng.chance(0.2 + mean) ? 1 : 0)
                                          : 1 + b.back() + mean +
                                                0.5 * rng.normal());
  }
  out.campaign.rows.columns = {{"a", a}, {"b", b}};
  return out;
}

double error_of(const std::vector<double>& found,
                const std::vector<double>& truth) {
  double square = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    square += (found[i] - truth[i]) * (found[i] - truth[i]);
  }
  return std::sqrt(square / static_cast<double>(found.size()));
}

UpliftOptions linear(const std::string& learner) {
  UpliftOptions out;
  out.learner = learner;
  out.outcome.model = out.effect.model = "linear";
  out.effect.columns = {"a=number", "b=number"};
  out.outcome.columns = learner == "single"
                            ? std::vector<std::string>()
                            : out.effect.columns;  // and the treatment
  return out;
}

TEST(FitUplift, FindsALinearEffectByEveryLearnerThatCan) {
  const Drawn train = drawn(8000, 1), test = drawn(500, 2);
  for (const char* learner : {"two", "cross", "robust"}) {
    const auto model = fit_uplift(train.campaign, linear(learner));
    EXPECT_LT(error_of(model.effects(test.campaign.rows), test.effect), 0.05)
        << learner;
  }
  // Without a model of the outcome its whole spread is noise.
  const auto plain = fit_uplift(train.campaign, linear("transformed"));
  EXPECT_LT(error_of(plain.effects(test.campaign.rows), test.effect), 0.25);
}

TEST(FitUplift, ASingleLinearModelSaysTheMeanEffectOfEverybody) {
  const Drawn train = drawn(8000, 1);
  const auto effects =
      fit_uplift(train.campaign, linear("single")).effects(train.campaign.rows);
  EXPECT_NEAR(effects.front(), effects.back(), 1e-9);
  EXPECT_NEAR(effects.front(), 0.2, 0.05);
}

TEST(FitUplift, OfAYesOrNoIsADifferenceOfProbabilities) {
  const Drawn train = drawn(12000, 3, /*binary=*/true);
  for (const char* learner : {"two", "robust", "single"}) {
    auto options = linear(learner);
    if (learner == std::string("single")) options.outcome.model = "trees";
    const auto effects =
        fit_uplift(train.campaign, options).effects(train.campaign.rows);
    EXPECT_LT(error_of(effects, train.effect), 0.06) << learner;
  }
}

TEST(FitUplift, KeepsAModelOfTheEffectThatAnswersAlone) {
  const Drawn train = drawn(2000, 1);
  const auto model = fit_uplift(train.campaign, linear("robust"));
  const runtime::UpliftPart& part = model.parts()[0];
  EXPECT_EQ(part.kind, runtime::UpliftPart::Kind::kEffect);
  EXPECT_EQ(part.first->predict(train.campaign.rows),
            model.effects(train.campaign.rows));
}

TEST(FitUplift, RefusesAnArmWithoutCustomersAndUnknownLearners) {
  Drawn train = drawn(100, 1);
  EXPECT_THROW(fit_uplift(train.campaign, linear("oracle")), Error);
  train.campaign.treated.assign(100, 1);
  EXPECT_THROW(fit_uplift(train.campaign, linear("two")), Error);
}

}  // namespace
}  // namespace ensue::classic
