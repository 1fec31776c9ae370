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
  int cuts = 4;  // before the test, one horizon apart; the last validates
  int seeds = 3;
  ProgressFn progress = {};
};

struct RetentionRow {
  std::string model;
  double validation_auc = 0, validation_ap = 0;  // means over seeds
  double auc = 0, ap = 0, ece = 0;               // on the test, likewise
  double lowest_auc = 0, highest_auc = 0;        // over seeds
};

struct Retention {
  std::size_t users = 0, features = 0, rows = 0;  // rows of training
  double rate = 0;                                // of the test that purchased
  std::vector<RetentionRow> floors, models;
  std::size_t best = 0;  // of models, by validation
};

/// Each model is fitted on the cuts before the validation cut and judged there,
/// which decides which one is `best`; then fitted on all cuts and judged on the
/// test. Floors likewise. Customers with an event before a cut are asked.
/// @throws Error as data::compute_features() and classic::fit_table().
Retention judge_retention(const events::Log& log,
                          const RetentionOptions& options);

}  // namespace ensue::apps
