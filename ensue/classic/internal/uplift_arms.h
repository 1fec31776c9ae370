// SPDX-License-Identifier: Apache-2.0
// Models of what comes out in each arm of a campaign: what learners of effects
// are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "ensue/classic/uplift.h"
#include "ensue/runtime/effect_scores.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic::arms {

using Places = std::vector<std::size_t>;
using Model = std::shared_ptr<const runtime::TableModel>;

bool is_binary(const std::vector<double>& values);
std::vector<double> picked(const std::vector<double>& values,
                           const Places& places);

/// Without calibration. A fifth of the rows is held back to say when to stop,
/// where there is something to stop.
Model fitted(const events::Table& rows, const std::vector<double>& values,
             bool binary, TableFitOptions options, std::uint64_t seed);

struct Arms {
  Places treated, control;
  explicit Arms(const CampaignRows& campaign);
};

struct Outcomes {
  Model treated, control;
};
/// @param outcome  a number for each of the campaign's rows.
Outcomes fit_outcomes(const CampaignRows& campaign,
                      const std::vector<double>& outcome,
                      const TableFitOptions& options, std::uint64_t seed);
/// Of the campaign's outcome, by o.outcome.
Outcomes fit_outcomes(const CampaignRows& campaign, const UpliftOptions& o);

using Columns = std::vector<std::vector<double>>;  // [columns][rows]

/// Columns that models of the other rows say of each row, in o.folds parts.
Columns out_of_fold(
    const CampaignRows& campaign, const UpliftOptions& o,
    const std::function<Columns(const CampaignRows& seen,
                                const events::Table& asked)>& columns_of);

/// What the arms' models expect, a row each.
struct Expected {
  std::vector<double> treated, control;
};

/// What has the effect as its mean, given the row. @param expected  may be
/// null.
std::vector<double> pseudo_effects(const CampaignRows& campaign, double share,
                                   const Expected* expected);

/// The learner `scores`: prognostic scores and the quadratic of them.
/// @throws Error(kInvalidArgument) without o.scores.
std::shared_ptr<const runtime::EffectScores> fit_scores(
    const CampaignRows& campaign, double share, const UpliftOptions& o);

}  // namespace ensue::classic::arms
