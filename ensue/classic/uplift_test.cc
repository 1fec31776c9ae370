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

// Comers are of two kinds, which visits and purchases tell apart by halves: who
// visits often is changed most, but nobody who purchases much.
Drawn two_sided(std::size_t n, std::uint64_t seed) {
  Drawn out;
  Rng rng(seed);
  std::vector<std::vector<double>> columns(6);
  std::vector<double> visits;
  for (std::size_t i = 0; i < n; ++i) {
    double often = 0, much = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      columns[c].push_back(rng.normal());
      (c < 3 ? often : much) += columns[c].back() / 3;
    }
    const bool treated = rng.chance(0.5);
    out.effect.push_back(0.5 * often - 0.5 * much + 0.4 * often * often);
    out.campaign.treated.push_back(treated ? 1 : 0);
    out.campaign.outcome.push_back(often + much + rng.normal() +
                                   (treated ? out.effect.back() : 0));
    visits.push_back(10 * often + rng.normal());
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    out.campaign.rows.columns.push_back({"c" + std::to_string(c), columns[c]});
  }
  out.campaign.others = {visits};
  return out;
}

TEST(FitUplift, ScoresOfOutcomesSayWhatManyColumnsHide) {
  Drawn train = two_sided(4000, 1);
  const Drawn test = two_sided(2000, 2);
  UpliftOptions options = linear("scores");
  options.outcome.columns = options.effect.columns = {};
  options.outcome.bins = options.effect.bins = false;
  options.scores = {options.outcome};
  options.scores_l2 = 1;
  options.folds = 2;
  const auto error = [&](const std::string& learner) {
    options.learner = learner;
    return error_of(
        fit_uplift(train.campaign, options).effects(test.campaign.rows),
        test.effect);
  };
  const double two = error("two"), scores = error("scores");
  EXPECT_LT(scores, 0.15);
  EXPECT_LT(scores, 0.7 * two);  // no line bends
  train.campaign.others.clear();
  EXPECT_GT(error("scores"), 1.2 * scores);  // one number of each arm is less
}

TEST(FitUplift, ScoresOfAYesOrNoReadLogOdds) {
  const Drawn train = drawn(12000, 3, /*binary=*/true);
  UpliftOptions options = linear("scores");
  options.scores = {options.outcome};
  options.scores_l2 = 1;
  options.folds = 2;
  const auto model = fit_uplift(train.campaign, options);
  EXPECT_LT(error_of(model.effects(train.campaign.rows), train.effect), 0.06);
  const auto& part = model.parts()[0];
  ASSERT_EQ(part.kind, runtime::UpliftPart::Kind::kScores);
  EXPECT_EQ(part.scores->scores().size(), 2);
}

TEST(FitUplift, RefusesOutcomesOfOtherRows) {
  Drawn train = drawn(100, 1);
  train.campaign.others = {{1, 2, 3}};
  EXPECT_THROW(fit_uplift(train.campaign, linear("two")), Error);
  train.campaign.others.clear();
  EXPECT_THROW(fit_uplift(train.campaign, linear("scores")), Error);  // of none
}

TEST(FitUplift, RefusesAnArmWithoutCustomersAndUnknownLearners) {
  Drawn train = drawn(100, 1);
  EXPECT_THROW(fit_uplift(train.campaign, linear("oracle")), Error);
  train.campaign.treated.assign(100, 1);
  EXPECT_THROW(fit_uplift(train.campaign, linear("two")), Error);
}

}  // namespace
}  // namespace ensue::classic
