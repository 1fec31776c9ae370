// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/uplift_contest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/metrics/uplift.h"

namespace ensue::classic {
namespace {

// A mail makes those with a high `a` come, and drives the others away.
CampaignRows campaign(std::size_t rows, std::uint64_t seed, double strength) {
  Rng rng(seed);
  CampaignRows out;
  std::vector<double> a, b;
  for (std::size_t i = 0; i < rows; ++i) {
    a.push_back(rng.uniform());
    b.push_back(rng.uniform());
    out.treated.push_back(rng.chance(0.5) ? 1 : 0);
    const double p = 0.2 + 0.3 * b.back() +
                     (out.treated.back() ? strength * (a.back() - 0.5) : 0);
    out.outcome.push_back(rng.chance(p) ? 1 : 0);
  }
  out.rows.columns = {{"a", a}, {"b", b}};
  return out;
}

UpliftContestOptions quick() {
  UpliftContestOptions out;
  out.learners = {"two-linear", "robust-linear", "mean"};
  out.replicates = 50;
  return out;
}

TEST(UpliftContest, TheMeanIsTheModel) {
  const auto train = campaign(3000, 1, 0.4), test = campaign(1500, 2, 0.4);
  const auto contest = hold_uplift_contest(train, test, quick());
  ASSERT_EQ(contest.learners.size(), 3);
  EXPECT_EQ(contest.best, "mean");
  EXPECT_EQ(contest.test_effects, contest.model.effects(test.rows));
  EXPECT_NEAR(contest.winner().test.mean,
              metrics::qini({.scores = contest.test_effects,
                             .outcomes = test.outcome,
                             .treated = test.treated}),
              1e-12);
  EXPECT_GT(contest.winner().test.low, 0);  // an effect that is there
}

TEST(UpliftContest, TheMeanLeavesOutWhatFoldsTellFromTheBest) {
  // Changed are those in the middle, which no line says.
  const auto bent = [](std::size_t rows, std::uint64_t seed) {
    CampaignRows out = campaign(rows, seed, 0);
    Rng rng(seed, 9);
    const events::Column& a = out.rows.columns[0];
    for (std::size_t i = 0; i < rows; ++i) {
      const bool middle = std::abs(a.number(i) - 0.5) < 0.25;
      if (middle && out.treated[i] && rng.chance(0.6)) out.outcome[i] = 1;
    }
    return out;
  };
  UpliftContestOptions options = quick();
  options.learners = {"two-linear", "robust-linear", "single-trees", "mean"};
  const auto contest =
      hold_uplift_contest(bent(4000, 1), bent(1500, 2), options);
  EXPECT_FALSE(contest.learners[0].in_mean);
  EXPECT_FALSE(contest.learners[1].in_mean);
  EXPECT_TRUE(contest.learners[2].in_mean);
  EXPECT_EQ(contest.model.parts().size(), 1);
  const auto few = hold_uplift_contest(bent(100, 1), bent(100, 2), options);
  EXPECT_GT(few.model.parts().size(), 1);  // too few rows to tell
}

TEST(UpliftContest, WithoutAMeanTheBestOfTheFoldsIsTaken) {
  UpliftContestOptions options = quick();
  options.learners = {"single-trees", "two-linear", "robust-linear"};
  const auto contest = hold_uplift_contest(campaign(2000, 1, 0.4),
                                           campaign(500, 2, 0.4), options);
  for (const JudgedLearner& one : contest.learners) {
    EXPECT_LE(one.folds.mean, contest.winner().folds.mean);
  }
}

TEST(UpliftContest, TheRowsApartChooseNothing) {
  const auto train = campaign(1000, 1, 0.4);
  auto turned = campaign(500, 2, 0.4);
  for (double& y : turned.outcome) y = 1 - y;
  const auto a = hold_uplift_contest(train, campaign(500, 2, 0.4), quick());
  const auto b = hold_uplift_contest(train, turned, quick());
  EXPECT_EQ(a.best, b.best);
  EXPECT_EQ(a.test_effects, b.test_effects);
}

TEST(UpliftContest, WhereNothingIsChangedNothingBeatsRandom) {
  const auto contest =
      hold_uplift_contest(campaign(2000, 1, 0), campaign(1000, 2, 0), quick());
  EXPECT_LT(contest.winner().test.low, 0);
}

TEST(UpliftContest, FoldsShareOutArmsAndOutcomesAlike) {
  const auto rows = campaign(999, 3, 0.2);
  const auto fold = fold_of_customers(rows, 3, 1);
  std::vector<double> treated(3), came(3);
  for (std::size_t i = 0; i < fold.size(); ++i) {
    treated[fold[i]] += rows.treated[i];
    came[fold[i]] += rows.outcome[i];
  }
  EXPECT_NEAR(treated[0], treated[2], 2);
  EXPECT_NEAR(came[0], came[2], 2);
}

TEST(UpliftContest, UnknownLearnersAreRefused) {
  const auto rows = campaign(100, 1, 0);
  UpliftContestOptions options = quick();
  options.learners = {"oracle"};
  EXPECT_THROW(hold_uplift_contest(rows, rows, options), Error);
  for (const auto& learners : std::vector<std::vector<std::string>>{
           {"mean"}, {"mean", "two-linear"}, {}}) {
    options.learners = learners;
    EXPECT_THROW(hold_uplift_contest(rows, rows, options), Error);
  }
}

}  // namespace
}  // namespace ensue::classic
