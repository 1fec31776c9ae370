// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/uplift.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/column_fit.h"

namespace ensue::classic {
namespace {

using Places = std::vector<std::size_t>;
using Model = std::shared_ptr<const runtime::TableModel>;

constexpr double kHeldBack = 0.2;  // rows that say when to stop

bool is_binary(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double v) { return v == 0 || v == 1; });
}

std::vector<double> picked(const std::vector<double>& values,
                           const Places& places) {
  std::vector<double> out;
  for (const std::size_t p : places) out.push_back(values[p]);
  return out;
}

// A fifth of the rows is held back to say when to stop.
Model fitted(const events::Table& rows, const std::vector<double>& values,
             bool binary, TableFitOptions options, std::uint64_t seed) {
  options.calibration = "none";
  options.seed = seed;
  TableLabels all{.kind = binary ? Label::kBinary : Label::kNumber,
                  .values = values};
  if (options.model == "linear") {  // nothing to stop
    return std::make_shared<const runtime::TableModel>(
        artifact::Artifact::from_bytes(
            fit_table(rows, all, rows, all, options).bytes(), "uplift"));
  }
  Rng rng(seed, 7);
  Places kept, held;
  for (std::size_t i = 0; i < values.size(); ++i) {
    (rng.chance(kHeldBack) ? held : kept).push_back(i);
  }
  TableLabels train = all, validation = all;
  train.values = picked(values, kept);
  validation.values = picked(values, held);
  return std::make_shared<const runtime::TableModel>(
      artifact::Artifact::from_bytes(
          fit_table(rows_at(rows, kept), train, rows_at(rows, held), validation,
                    options)
              .bytes(),
          "uplift"));
}

events::Table with_treatment(events::Table rows,
                             std::vector<double> treatment) {
  rows.columns.push_back(
      {std::string(runtime::kTreatmentColumn), std::move(treatment)});
  return rows;
}

struct Arms {
  Places treated, control;

  explicit Arms(const CampaignRows& campaign) {
    for (std::size_t i = 0; i < campaign.size(); ++i) {
      (campaign.treated[i] != 0 ? treated : control).push_back(i);
    }
  }
};

struct Outcomes {
  Model treated, control;
};

Outcomes fit_outcomes(const CampaignRows& campaign, const UpliftOptions& o) {
  const Arms arms(campaign);
  const bool binary = is_binary(campaign.outcome);
  const auto fit = [&](const Places& arm) {
    return fitted(rows_at(campaign.rows, arm), picked(campaign.outcome, arm),
                  binary, o.outcome, o.seed);
  };
  return {fit(arms.treated), fit(arms.control)};
}

// What the arms' models expect, each row by models that have not seen it.
struct Expected {
  std::vector<double> treated, control;
};

Expected out_of_fold(const CampaignRows& campaign, const UpliftOptions& o) {
  const std::size_t n = campaign.size();
  std::vector<std::size_t> fold(n);
  for (std::size_t i = 0; i < n; ++i) {
    fold[i] = i % static_cast<std::size_t>(o.folds);
  }
  Rng rng(o.seed, 3);
  shuffle(fold, rng);
  Expected out{std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t f = 0; f < static_cast<std::size_t>(o.folds); ++f) {
    Places seen, unseen;
    for (std::size_t i = 0; i < n; ++i) {
      (fold[i] == f ? unseen : seen).push_back(i);
    }
    const Outcomes models = fit_outcomes(campaign.at(seen), o);
    const auto rows = rows_at(campaign.rows, unseen);
    const auto t = models.treated->predict(rows),
               c = models.control->predict(rows);
    for (std::size_t i = 0; i < unseen.size(); ++i) {
      out.treated[unseen[i]] = t[i];
      out.control[unseen[i]] = c[i];
    }
  }
  return out;
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

// What has the effect as its mean, given the row.
std::vector<double> pseudo_effects(const CampaignRows& campaign, double share,
                                   const Expected* expected) {
  std::vector<double> out(campaign.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool treated = campaign.treated[i] != 0;
    const double m1 = expected == nullptr ? 0 : expected->treated[i],
                 m0 = expected == nullptr ? 0 : expected->control[i];
    const double y = campaign.outcome[i];
    out[i] = m1 - m0 + (treated ? (y - m1) / share : -(y - m0) / (1 - share));
  }
  return out;
}

double share_treated(const CampaignRows& campaign) {
  if (campaign.outcome.size() != campaign.size() ||
      campaign.rows.rows() != campaign.size()) {
    invalid("uplift: " + std::to_string(campaign.rows.rows()) + " rows, " +
            std::to_string(campaign.size()) + " treatments and " +
            std::to_string(campaign.outcome.size()) + " outcomes");
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
    const Expected expected = out_of_fold(campaign, options);
    out.first = fit_effect(
        campaign, pseudo_effects(campaign, out.share, &expected), options);
  } else {
    invalid("uplift.learner: '" + options.learner +
            "', expected single, two, cross, transformed or robust");
  }
  return runtime::UpliftModel({std::move(out)});
}

}  // namespace ensue::classic
