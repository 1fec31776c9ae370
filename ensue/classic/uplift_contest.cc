// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/uplift_contest.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string>
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

// Trees and lines: what both say of the outcome is more than either.
UpliftOptions by_scores() {
  UpliftOptions out = learner("scores", "trees", "");
  TableFitOptions trees = out.outcome, lines = out.outcome;
  trees.depth = 4;
  trees.eta = 0.1;
  trees.leaf_weight = 20;
  trees.rows_share = 0.6;
  trees.columns_share = 0.4;
  lines.model = "linear";
  out.scores = {trees, lines};
  return out;
}

Places where(const std::vector<int>& fold, int number, bool inside) {
  Places out;
  for (std::size_t i = 0; i < fold.size(); ++i) {
    if ((fold[i] == number) == inside) out.push_back(i);
  }
  return out;
}

double qini_of(const CampaignRows& rows, const std::vector<double>& effects,
               std::span<const double> weights) {
  return metrics::qini({.scores = effects,
                        .outcomes = rows.outcome,
                        .treated = rows.treated,
                        .weights = weights});
}

metrics::Interval judged(const CampaignRows& rows,
                         const std::vector<double>& effects,
                         const UpliftContestOptions& options) {
  return metrics::bootstrap_metric(
      rows.size(), options.replicates, options.seed,
      [&](std::span<const double> w) { return qini_of(rows, effects, w); });
}

// Those of options.learners that are fitted.
std::vector<std::string> fitted_learners(const UpliftContestOptions& options) {
  std::vector<std::string> out = options.learners;
  const auto mean = std::ranges::find(out, kMean);
  if (mean != out.end()) {
    if (mean + 1 != out.end()) invalid("learners: 'mean' is the last one");
    out.erase(mean);
  }
  if (out.empty()) invalid("learners: expected at least one");
  return out;
}

std::vector<UpliftModel> fit_all(const CampaignRows& train,
                                 const std::vector<std::string>& learners,
                                 std::uint64_t seed) {
  std::vector<UpliftModel> out;
  for (const std::string& name : learners) {
    UpliftOptions own = uplift_learners().find(name).options;
    own.seed = seed;
    out.push_back(fit_uplift(train, own));
  }
  return out;
}

using Effects = std::vector<double>;  // a row each

// [learners][rows] by models that have not seen the row.
std::vector<Effects> out_of_fold(const CampaignRows& train,
                                 const std::vector<std::string>& learners,
                                 const UpliftContestOptions& options) {
  const auto fold = fold_of_customers(train, options.folds, options.seed);
  std::vector<Effects> out(learners.size(), Effects(train.size()));
  for (int f = 0; f < options.folds; ++f) {
    const Places held = where(fold, f, true);
    const auto models =
        fit_all(train.at(where(fold, f, false)), learners, options.seed);
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

// Is the lead of one over another within a standard error, customers drawn
// alike for both?
bool is_alike(const CampaignRows& rows, const Effects& best,
              const Effects& other, const UpliftContestOptions& options) {
  constexpr double kBounds = 2 * 1.96;  // standard errors from low to high
  const auto lead = metrics::bootstrap_metric(
      rows.size(), options.replicates, options.seed,
      [&](std::span<const double> weights) {
        return qini_of(rows, best, weights) - qini_of(rows, other, weights);
      });
  return lead.mean <= (lead.high - lead.low) / kBounds;
}

Effects mean_of(const std::vector<Effects>& effects, const Places& chosen) {
  Effects out(effects[0].size(), 0);
  for (const std::size_t m : chosen) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += effects[m][i] / static_cast<double>(chosen.size());
    }
  }
  return out;
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
          {"scores", by_scores()},
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
  if (options.folds < 2) invalid("learners: expected two folds or more");
  const auto learners = fitted_learners(options);
  const auto effects = out_of_fold(train, learners, options);
  std::vector<UpliftModel> models = fit_all(train, learners, options.seed);
  std::vector<JudgedLearner> all;
  std::size_t best = 0;
  for (std::size_t m = 0; m < models.size(); ++m) {
    all.push_back({learners[m], judged(train, effects[m], options),
                   judged(test, models[m].effects(test.rows), options)});
    if (all[m].folds.mean > all[best].folds.mean) best = m;
  }
  if (learners.size() < options.learners.size()) {
    Places chosen;
    std::vector<UpliftModel> members;
    for (std::size_t m = 0; m < models.size(); ++m) {
      all[m].in_mean =
          m == best || is_alike(train, effects[best], effects[m], options);
      if (!all[m].in_mean) continue;
      chosen.push_back(m);
      members.push_back(models[m]);
    }
    best = models.size();
    models.push_back(UpliftModel::mean_of(members));
    all.push_back({std::string(kMean),
                   judged(train, mean_of(effects, chosen), options),
                   judged(test, models[best].effects(test.rows), options)});
  }
  std::vector<double> test_effects = models[best].effects(test.rows);
  return {std::move(models[best]), all[best].name, std::move(all),
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
