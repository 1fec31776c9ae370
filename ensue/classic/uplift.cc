// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/uplift.h"

#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/internal/column_fit.h"
#include "ensue/classic/internal/uplift_arms.h"

namespace ensue::classic {
namespace {

using namespace arms;

events::Table with_treatment(events::Table rows,
                             std::vector<double> treatment) {
  rows.columns.push_back(
      {std::string(runtime::kTreatmentColumn), std::move(treatment)});
  return rows;
}

Expected expected_of(const CampaignRows& campaign, const UpliftOptions& o) {
  auto out = out_of_fold(
      campaign, o, [&](const CampaignRows& seen, const events::Table& asked) {
        const Outcomes models = fit_outcomes(seen, o);
        return std::vector{models.treated->predict(asked),
                           models.control->predict(asked)};
      });
  return {std::move(out[0]), std::move(out[1])};
}

Model fit_effect(const CampaignRows& campaign, const std::vector<double>& of,
                 const UpliftOptions& o) {
  return fitted(campaign.rows, of, /*binary=*/false, o.effect, o.seed);
}

// Effects as the other arm's model imputes them, learnt arm by arm.
Outcomes fit_cross(const CampaignRows& campaign, const UpliftOptions& o) {
  const Outcomes models = fit_outcomes(campaign, o);
  const Arms arms(campaign);
  const auto learn = [&](const Places& arm, const Model& other, double sign) {
    const CampaignRows own = campaign.at(arm);
    const auto expected = other->predict(own.rows);
    std::vector<double> effect(own.size());
    for (std::size_t i = 0; i < effect.size(); ++i) {
      effect[i] = sign * (own.outcome[i] - expected[i]);
    }
    return fit_effect(own, effect, o);
  };
  return {learn(arms.treated, models.control, 1),
          learn(arms.control, models.treated, -1)};
}

double share_treated(const CampaignRows& campaign) {
  if (campaign.outcome.size() != campaign.size() ||
      campaign.rows.rows() != campaign.size()) {
    invalid("uplift: " + std::to_string(campaign.rows.rows()) + " rows, " +
            std::to_string(campaign.size()) + " treatments and " +
            std::to_string(campaign.outcome.size()) + " outcomes");
  }
  for (const auto& other : campaign.others) {
    if (other.size() == campaign.size()) continue;
    invalid("uplift: " + std::to_string(campaign.size()) + " rows and " +
            std::to_string(other.size()) + " of another outcome");
  }
  const Arms arms(campaign);
  if (arms.treated.empty() || arms.control.empty()) {
    invalid("uplift: an arm of the campaign has no customers");
  }
  return static_cast<double>(arms.treated.size()) /
         static_cast<double>(campaign.size());
}

}  // namespace

events::Table rows_at(const events::Table& table, const Places& places) {
  return rows_of(table, places);
}

CampaignRows CampaignRows::at(const Places& places) const {
  CampaignRows out{rows_at(rows, places), {}, picked(outcome, places)};
  for (const std::size_t p : places) out.treated.push_back(treated[p]);
  for (const auto& other : others) out.others.push_back(picked(other, places));
  return out;
}

runtime::UpliftModel fit_uplift(const CampaignRows& campaign,
                                const UpliftOptions& options) {
  using Kind = runtime::UpliftPart::Kind;
  runtime::UpliftPart out;
  out.share = share_treated(campaign);
  if (options.learner == "single") {
    out.kind = Kind::kSingle;
    const std::vector<double> treatment(campaign.treated.begin(),
                                        campaign.treated.end());
    out.first =
        fitted(with_treatment(campaign.rows, treatment), campaign.outcome,
               is_binary(campaign.outcome), options.outcome, options.seed);
  } else if (options.learner == "two" || options.learner == "cross") {
    const bool two = options.learner == "two";
    out.kind = two ? Kind::kTwo : Kind::kCross;
    const Outcomes models =
        two ? fit_outcomes(campaign, options) : fit_cross(campaign, options);
    out.first = models.treated;
    out.second = models.control;
  } else if (options.learner == "transformed") {
    out.first = fit_effect(
        campaign, pseudo_effects(campaign, out.share, nullptr), options);
  } else if (options.learner == "robust") {
    const Expected expected = expected_of(campaign, options);
    out.first = fit_effect(
        campaign, pseudo_effects(campaign, out.share, &expected), options);
  } else if (options.learner == "scores") {
    out.kind = Kind::kScores;
    out.scores = fit_scores(campaign, out.share, options);
  } else {
    invalid("uplift.learner: '" + options.learner +
            "', expected single, two, cross, transformed, robust or scores");
  }
  return runtime::UpliftModel({std::move(out)});
}

}  // namespace ensue::classic
