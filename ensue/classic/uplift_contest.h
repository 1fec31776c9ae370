// SPDX-License-Identifier: Apache-2.0
// Several learners of one campaign: folds choose, rows apart judge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/classic/uplift.h"
#include "ensue/metrics/intervals.h"
#include "ensue/runtime/uplift_model.h"

namespace ensue::classic {

/// A learner with settings that suit a campaign of some ten thousand
/// customers: small effects, so little freedom.
struct UpliftLearner {
  std::string_view name;
  UpliftOptions options;
};
/// two-linear, cross-linear, robust-linear, robust-trees, single-trees, scores,
/// two-trees.
const Catalog<UpliftLearner>& uplift_learners();

struct UpliftContestOptions {
  /// Of uplift_learners(); "mean", the last one, is the mean of those that the
  /// folds cannot tell from the best of them: its lead is within a standard
  /// error. Too few rows to tell them apart: the mean of all.
  std::vector<std::string> learners = {
      "two-linear",   "cross-linear", "robust-linear", "robust-trees",
      "single-trees", "scores",       "mean"};
  int folds = 3;         // of the rows that are learnt from
  int replicates = 200;  // of the bootstrap
  std::uint64_t seed = 1;
};

/// Mean height of the Qini curve over random addressing, per treated customer
/// (metrics/uplift.h): of rows that each fold's models have not seen, and of
/// the rows apart.
struct JudgedLearner {
  std::string name;
  metrics::Interval folds, test;
  bool in_mean = false;
};

struct UpliftContest {
  runtime::UpliftModel model;  // of the best, fitted on all that is learnt from
  /// "mean", or without one the best by the folds.
  std::string best;
  std::vector<JudgedLearner> learners;
  std::vector<double> test_effects;  // what the best says of the rows apart

  const JudgedLearner& winner() const;
};

/// @throws Error(kInvalidArgument) as fit_uplift(), for an unknown learner, and
///   for folds or an arm with too few customers.
UpliftContest hold_uplift_contest(const CampaignRows& train,
                                  const CampaignRows& test,
                                  const UpliftContestOptions& options = {});

/// A part in [0, folds) for every customer, both arms and a yes or no shared
/// out alike.
std::vector<int> fold_of_customers(const CampaignRows& campaign, int folds,
                                   std::uint64_t seed);

}  // namespace ensue::classic
