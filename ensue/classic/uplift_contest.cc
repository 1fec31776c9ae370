// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/uplift_contest.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/metrics/uplift.h"

namespace ensue::classic {
namespace {

using runtime::UpliftModel;
using Places = std::vector<std::size_t>;

constexpr std::string_view kMean = "mean";

// Effects are small beside what else decides: linear models of plain numbers,
// held in, say more of them than such as may bend.
UpliftOptions learner(std::string name, std::string outcome, std::string effect,
                      double l2 = 1) {
  constexpr double kOutcomeL2 = 1000;
  UpliftOptions out;
  out.learner = std::move(name);
  out.outcome.model = std::move(outcome);
  out.effect.model = std::move(effect);
  out.outcome.bins = out.effect.bins = false;
  out.outcome.l2 = kOutcomeL2;
  out.effect.l2 = l2;
  out.outcome.depth = 3;
  out.effect.depth = 2;
  out.effect.eta = 0.05;
  out.folds = 2;
  return out;
}

Places where(const std::vector<int>& fold, int number, bool inside) {
  Places out;
  for (std::size_t i = 0; i < fold.size(); ++i) {
    if ((fold[i] == number) == inside) out.push_back(i);
  }
  return out;
}

metrics::Interval qini_of(const CampaignRows& rows,
                          const std::vector<double>& effects,
                          const UpliftContestOptions& options) {
  return metrics::bootstrap_metric(
      rows.size(), options.replicates, options.seed,
      [&](std::span<const double> weights) {
        return metrics::qini({.scores = effects,
                              .outcomes = rows.outcome,
                              .treated = rows.treated,
                              .weights = weights});
      });
}

// A model per learner.
std::vector<UpliftModel> fit_all(const CampaignRows& train,
                                 const UpliftContestOptions& options) {
  std::vector<UpliftModel> out;
  for (const std::string& name : options.learners) {
    if (name == kMean) {
      if (out.empty()) invalid("learners: mean of none");
      out.push_back(UpliftModel::mean_of(out));
      continue;
    }
    UpliftOptions own = uplift_learners().find(name).options;
    own.seed = options.seed;
    out.push_back(fit_uplift(train, own));
  }
  return out;
}

// [learners][rows] by models that have not seen the row.
std::vector<std::vector<double>> out_of_fold(
    const CampaignRows& train, const UpliftContestOptions& options) {
  const auto fold = fold_of_customers(train, options.folds, options.seed);
  std::vector<std::vector<double>> out(options.learners.size(),
                                       std::vector<double>(train.size()));
  for (int f = 0; f < options.folds; ++f) {
    const Places held = where(fold, f, true);
    const auto models = fit_all(train.at(where(fold, f, false)), options);
    const events::Table rows = rows_at(train.rows, held);
    for (std::size_t m = 0; m < models.size(); ++m) {
      const auto effects = models[m].effects(rows);
      for (std::size_t i = 0; i < held.size(); ++i) {
        out[m][held[i]] = effects[i];
      }
    }
  }
  return out;
}

// Folds are too few to tell learners apart that are nearly as good, so that the
// mean of all stays unless one is better by more than a standard error.
bool beats(const JudgedLearner& one, const JudgedLearner& other) {
  constexpr double kBounds = 2 * 1.96;  // standard errors from low to high
  const double least =
      other.name == kMean ? (one.folds.high - one.folds.low) / kBounds : 0;
  return one.folds.mean > other.folds.mean + least;
}

// 0 where no mean was asked for.
std::size_t place_of_mean(const UpliftContestOptions& options) {
  const auto found = std::ranges::find(options.learners, kMean);
  if (found == options.learners.end()) return 0;
  return static_cast<std::size_t>(found - options.learners.begin());
}

}  // namespace

const Catalog<UpliftLearner>& uplift_learners() {
  static const Catalog<UpliftLearner> list(
      "uplift learner",
      {
          {"two-linear", learner("two", "linear", "")},
          {"cross-linear", learner("cross", "linear", "linear", 1000)},
          {"robust-linear", learner("robust", "linear", "linear", 10'000)},
          {"robust-trees", learner("robust", "linear", "trees")},
          {"single-trees", learner("single", "trees", "")},
          {"two-trees", learner("two", "trees", "")},
      });
  return list;
}

const JudgedLearner& UpliftContest::winner() const {
  return *std::ranges::find(learners, best, &JudgedLearner::name);
}

UpliftContest hold_uplift_contest(const CampaignRows& train,
                                  const CampaignRows& test,
                                  const UpliftContestOptions& options) {
  if (options.learners.empty()) invalid("learners: expected at least one");
  if (options.folds < 2) invalid("learners: expected two folds or more");
  const auto effects = out_of_fold(train, options);
  std::vector<UpliftModel> models = fit_all(train, options);
  std::vector<JudgedLearner> judged;
  std::size_t best = place_of_mean(options);
  for (std::size_t m = 0; m < models.size(); ++m) {
    judged.push_back({options.learners[m], qini_of(train, effects[m], options),
                      qini_of(test, models[m].effects(test.rows), options)});
  }
  for (std::size_t m = 0; m < models.size(); ++m) {
    if (beats(judged[m], judged[best])) best = m;
  }
  std::vector<double> test_effects = models[best].effects(test.rows);
  return {std::move(models[best]), options.learners[best], std::move(judged),
          std::move(test_effects)};
}

std::vector<int> fold_of_customers(const CampaignRows& campaign, int folds,
                                   std::uint64_t seed) {
  std::map<std::pair<int, bool>, Places> groups;
  for (std::size_t i = 0; i < campaign.size(); ++i) {
    groups[{campaign.treated[i], campaign.outcome[i] > 0}].push_back(i);
  }
  std::vector<int> out(campaign.size());
  std::uint64_t stream = 0;
  for (auto& [group, places] : groups) {
    Rng rng(seed, stream++);
    shuffle(places, rng);
    for (std::size_t i = 0; i < places.size(); ++i) {
      out[places[i]] = static_cast<int>(i % static_cast<std::size_t>(folds));
    }
  }
  return out;
}

}  // namespace ensue::classic
