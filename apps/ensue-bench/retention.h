// SPDX-License-Identifier: Apache-2.0
// Who purchases within 90 days: rolling cuts, features, floors and a blend.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/base/progress.h"
#include "ensue/events/log.h"

namespace ensue::apps {

struct RetentionOptions {
  events::Millis test{1'306'886'400'000};  // 2011-06-01
  int horizon_days = 90;
  int cuts = 5;  // horizons before the test that are learnt from
  int seeds = 3;
  ProgressFn progress = {};
};

struct RetentionRow {
  std::string model;
  /// Means over seeds; of those on the test 0: not looked at.
  double validation_auc = 0, validation_ap = 0;
  double auc = 0, ap = 0, ece = 0;
  double lowest_auc = 0, highest_auc = 0;  // over seeds
};

struct Retention {
  std::size_t users = 0, features = 0, rows = 0;  // rows of training
  double rate = 0;                                // of the test that purchased
  std::vector<RetentionRow> floors, models;
  std::size_t best = 0;  // of models, by validation
};

/// Settings (models, how far apart the instants are that they learn from) are
/// fitted on instants whose horizons end before each of two validation
/// instants, one and two horizons before the test's, and judged there; the best
/// mean AUC is `best`, which alone is fitted on all that was known before the
/// test's instant and judged there. Floors likewise. Customers with an event
/// before an instant are asked.
/// @throws Error as data::compute_features() and classic::fit_table().
Retention judge_retention(const events::Log& log,
                          const RetentionOptions& options);

}  // namespace ensue::apps
