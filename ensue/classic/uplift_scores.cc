// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/internal/solve.h"
#include "ensue/classic/internal/uplift_arms.h"

namespace ensue::classic::arms {
namespace {

std::vector<double> damped(std::vector<double> values) {
  for (double& v : values) v = std::copysign(std::log1p(std::abs(v)), v);
  return values;
}

// Two for each kind of model of the outcome, then two for each other outcome.
std::vector<Model> fit_prognoses(const CampaignRows& campaign,
                                 const UpliftOptions& o) {
  std::vector<Model> out;
  const auto add = [&](const std::vector<double>& outcome,
                       const TableFitOptions& options) {
    const Outcomes models = fit_outcomes(campaign, outcome, options, o.seed);
    out.push_back(models.treated);
    out.push_back(models.control);
  };
  for (const TableFitOptions& options : o.scores) {
    add(campaign.outcome, options);
  }
  for (const auto& other : campaign.others) {
    add(is_binary(other) ? other : damped(other), o.scores.front());
  }
  return out;
}

// Mean of what the models of the outcome itself expect.
Expected expected_by(const Columns& margins, std::size_t kinds, bool binary) {
  const std::size_t n = margins[0].size();
  Expected out{std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t m = 0; m < 2 * kinds; ++m) {
    auto& mean = m % 2 == 0 ? out.treated : out.control;
    for (std::size_t i = 0; i < n; ++i) {
      const double answer =
          binary ? runtime::logistic(margins[m][i]) : margins[m][i];
      mean[i] += answer / static_cast<double>(kinds);
    }
  }
  return out;
}

struct Spread {
  double mean = 0, deviation = 1;
  explicit Spread(const std::vector<double>& values) {
    double square = 0;
    const auto n = static_cast<double>(values.size());
    for (const double v : values) mean += v / n;
    for (const double v : values) square += (v - mean) * (v - mean) / n;
    if (square > 0) deviation = std::sqrt(square);
  }
};

// Least squares of `of` on [terms][rows], of which the first is 1; `l2` on
// squared weights of the others, as if they were standardised.
std::vector<double> ridge(Columns terms, const std::vector<double>& of,
                          double l2) {
  const std::size_t n = terms.size() - 1;
  const Spread target(of);
  std::vector<Spread> spreads;
  for (std::size_t t = 1; t <= n; ++t) {
    spreads.emplace_back(terms[t]);
    for (double& v : terms[t]) {
      v = (v - spreads.back().mean) / spreads.back().deviation;
    }
  }
  std::vector<double> products(n * n), with(n);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      products[a * n + b] = products[b * n + a] = std::inner_product(
          terms[a + 1].begin(), terms[a + 1].end(), terms[b + 1].begin(), 0.0);
    }
    products[a * n + a] += l2;
    for (std::size_t i = 0; i < of.size(); ++i) {
      with[a] += terms[a + 1][i] * (of[i] - target.mean);
    }
  }
  std::vector<double> out = {target.mean};
  for (const double weight : solve_symmetric(std::move(products), with)) {
    const Spread& spread = spreads[out.size() - 1];
    out.push_back(weight / spread.deviation);
    out[0] -= out.back() * spread.mean;
  }
  return out;
}

// The terms of a quadratic, [terms][rows].
Columns terms_of(const std::vector<runtime::EffectScore>& scores,
                 const Columns& margins) {
  const std::size_t rows = margins[0].size();
  Columns out(runtime::quadratic_terms(scores.size()),
              std::vector<double>(rows));
  std::vector<double> own(scores.size()), row(out.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t s = 0; s < own.size(); ++s) {
      own[s] = scores[s].of(margins[s][i]);
    }
    runtime::quadratic_terms(own, row);
    for (std::size_t t = 0; t < row.size(); ++t) out[t][i] = row[t];
  }
  return out;
}

}  // namespace

std::shared_ptr<const runtime::EffectScores> fit_scores(
    const CampaignRows& campaign, double share, const UpliftOptions& o) {
  if (o.scores.empty()) invalid("uplift.scores: expected a model or more");
  const Columns margins = out_of_fold(
      campaign, o, [&](const CampaignRows& seen, const events::Table& asked) {
        Columns columns;
        for (const Model& model : fit_prognoses(seen, o)) {
          columns.push_back(model->margins(asked));
        }
        return columns;
      });
  std::vector<runtime::EffectScore> scores;
  for (const Model& model : fit_prognoses(campaign, o)) {
    const Spread spread(margins[scores.size()]);
    scores.push_back({model, spread.mean, spread.deviation});
  }
  const Expected expected =
      expected_by(margins, o.scores.size(), is_binary(campaign.outcome));
  auto weights = ridge(terms_of(scores, margins),
                       pseudo_effects(campaign, share, &expected), o.scores_l2);
  return std::make_shared<const runtime::EffectScores>(std::move(scores),
                                                       std::move(weights));
}

}  // namespace ensue::classic::arms
