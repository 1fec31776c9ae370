// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/uplift_arms.h"

#include <algorithm>
#include <utility>

#include "ensue/base/rng.h"

namespace ensue::classic::arms {
namespace {

constexpr double kHeldBack = 0.2;  // rows that say when to stop

}  // namespace

bool is_binary(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double v) { return v == 0 || v == 1; });
}

std::vector<double> picked(const std::vector<double>& values,
                           const Places& places) {
  std::vector<double> out;
  for (const std::size_t p : places) out.push_back(values[p]);
  return out;
}

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

Arms::Arms(const CampaignRows& campaign) {
  for (std::size_t i = 0; i < campaign.size(); ++i) {
    (campaign.treated[i] != 0 ? treated : control).push_back(i);
  }
}

Outcomes fit_outcomes(const CampaignRows& campaign,
                      const std::vector<double>& outcome,
                      const TableFitOptions& options, std::uint64_t seed) {
  const Arms arms(campaign);
  const bool binary = is_binary(outcome);
  const auto fit = [&](const Places& arm) {
    return fitted(rows_at(campaign.rows, arm), picked(outcome, arm), binary,
                  options, seed);
  };
  return {fit(arms.treated), fit(arms.control)};
}

Outcomes fit_outcomes(const CampaignRows& campaign, const UpliftOptions& o) {
  return fit_outcomes(campaign, campaign.outcome, o.outcome, o.seed);
}

Columns out_of_fold(
    const CampaignRows& campaign, const UpliftOptions& o,
    const std::function<Columns(const CampaignRows& seen,
                                const events::Table& asked)>& columns_of) {
  const std::size_t n = campaign.size();
  std::vector<std::size_t> fold(n);
  for (std::size_t i = 0; i < n; ++i) {
    fold[i] = i % static_cast<std::size_t>(o.folds);
  }
  Rng rng(o.seed, 3);
  shuffle(fold, rng);
  Columns out;
  for (std::size_t f = 0; f < static_cast<std::size_t>(o.folds); ++f) {
    Places seen, unseen;
    for (std::size_t i = 0; i < n; ++i) {
      (fold[i] == f ? unseen : seen).push_back(i);
    }
    const Columns own =
        columns_of(campaign.at(seen), rows_at(campaign.rows, unseen));
    out.resize(own.size(), std::vector<double>(n));
    for (std::size_t c = 0; c < own.size(); ++c) {
      for (std::size_t i = 0; i < unseen.size(); ++i) {
        out[c][unseen[i]] = own[c][i];
      }
    }
  }
  return out;
}

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

}  // namespace ensue::classic::arms
