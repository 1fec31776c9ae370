// SPDX-License-Identifier: Apache-2.0
// Learns from a randomised campaign whom it changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/classic/table_fit.h"
#include "ensue/events/table.h"
#include "ensue/runtime/uplift_model.h"

namespace ensue::classic {

/// A randomised campaign: a row per customer as known before it, who was
/// treated, and what came out.
struct CampaignRows {
  events::Table rows;
  std::vector<std::uint8_t> treated;
  std::vector<double> outcome;  // 0 or 1, or an amount
  /// What else came of it (visits beside purchases), a number each: [others]
  /// [rows]. Known when learning alone, and read by the learner `scores` alone.
  std::vector<std::vector<double>> others = {};

  std::size_t size() const noexcept { return treated.size(); }
  CampaignRows at(const std::vector<std::size_t>& places) const;
};

/// The rows of a table at those places.
events::Table rows_at(const events::Table& table,
                      const std::vector<std::size_t>& places);

struct UpliftOptions {
  /// single        one model, treatment a column (S-learner)
  /// two           one model an arm (T-learner)
  /// cross         effects imputed by the other arm's model, then learnt, the
  ///               arms weighed by the share treated (Künzel et al. 2019,
  ///               arXiv:1706.03461: X-learner)
  /// transformed   outcome * (w - p) / (p (1 - p)) is learnt (Athey & Imbens)
  /// robust        the same less what the arms' models expect, out of fold
  ///               (Kennedy 2020, arXiv:2004.14497: DR-learner)
  /// scores        the same, as a quadratic of what models of each arm expect
  ///               of the outcome and of the campaign's others: prognostic
  ///               scores (Hansen 2008, Biometrika 95), out of fold
  std::string learner = "robust";
  TableFitOptions outcome = {};  // models of the outcome
  TableFitOptions effect = {};   // model of the effect
  int folds = 5;                 // robust, scores: of the models of the outcome
  /// scores: models of the outcome, each a score in each arm; the first is also
  /// that of others, which it learns as sign(x) log(1 + |x|).
  std::vector<TableFitOptions> scores = {};
  double scores_l2 = 3000;  // of weights of standardised terms
  std::uint64_t seed = 1;
};

/// @throws Error(kInvalidArgument) for an unknown learner, an arm without
///   customers, sizes that differ, and as fit_table() does.
runtime::UpliftModel fit_uplift(const CampaignRows& campaign,
                                const UpliftOptions& options);

}  // namespace ensue::classic
