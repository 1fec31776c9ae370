// SPDX-License-Identifier: Apache-2.0
// Whom does an e-mail change? Hillstrom's randomised test, both e-mails, all
// three outcomes, 5 folds, 3 seeds of folds. Of each training part inner folds
// choose the learner; the floors are fitted beside it. Qini: mean height of the
// curve over random addressing, per treated customer.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue/terminal.h"
#include "ensue/classic/uplift_contest.h"
#include "ensue/data/read_table.h"
#include "ensue/metrics/uplift.h"

namespace ensue::apps {
namespace {

using classic::CampaignRows;
using classic::UpliftOptions;

constexpr int kFolds = 5, kSeeds = 3;

// As they stand in the literature, without what suits small effects.
UpliftOptions floor_of(const std::string& learner, const std::string& outcome) {
  UpliftOptions out;
  out.learner = learner;
  out.outcome.model = outcome;
  out.outcome.depth = 3;
  return out;
}

struct Floor {
  std::string name;
  UpliftOptions options;
};

std::vector<Floor> floors() {
  return {{"logistic, two models", floor_of("two", "linear")},
          {"trees, two models", floor_of("two", "trees")},
          {"trees, one model", floor_of("single", "trees")}};
}

using Places = std::vector<std::size_t>;

Places where(const std::vector<int>& fold, int number, bool inside) {
  Places out;
  for (std::size_t i = 0; i < fold.size(); ++i) {
    if ((fold[i] == number) == inside) out.push_back(i);
  }
  return out;
}

double qini_of(const CampaignRows& test, const std::vector<double>& effects) {
  return metrics::qini({.scores = effects,
                        .outcomes = test.outcome,
                        .treated = test.treated,
                        .weights = {}});
}

std::vector<double> effects_of(const CampaignRows& train,
                               const events::Table& rows,
                               const UpliftOptions& options) {
  return classic::fit_uplift(train, options).effects(rows);
}

struct Scores {
  std::string name;
  std::vector<double> qini;  // a number per fold and seed
};

double mean_of(const std::vector<double>& values) {
  double out = 0;
  for (const double v : values) out += v / static_cast<double>(values.size());
  return out;
}

// Of the mean over folds: folds of one seed are apart, seeds see the same rows,
// so that the spread of folds counts once.
double half_width(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double square = 0;
  for (const double v : values) square += (v - mean) * (v - mean);
  const auto n = static_cast<double>(values.size());
  return 1.96 * std::sqrt(square / (n - 1) / kFolds);
}

std::vector<Scores> judge(const CampaignRows& all, int seeds) {
  std::vector<Scores> out = {{"chosen by inner folds", {}}};
  for (const Floor& floor : floors()) out.push_back({floor.name, {}});
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto fold = classic::fold_of_customers(
        all, kFolds, static_cast<std::uint64_t>(seed));
    for (int f = 0; f < kFolds; ++f) {
      const CampaignRows train = all.at(where(fold, f, false)),
                         test = all.at(where(fold, f, true));
      classic::UpliftContestOptions options;
      options.seed = static_cast<std::uint64_t>(seed * 10 + f);
      const auto contest = classic::hold_uplift_contest(train, test, options);
      std::string members;
      for (const auto& one : contest.learners) {
        if (one.in_mean) members += " " + one.name;
      }
      std::printf("  seed %d fold %d: mean of%s\n", seed, f, members.c_str());
      std::fflush(stdout);
      out[0].qini.push_back(contest.winner().test.mean);
      const auto others = floors();
      for (std::size_t i = 0; i < others.size(); ++i) {
        out[i + 1].qini.push_back(
            qini_of(test, effects_of(train, test.rows, others[i].options)));
      }
    }
  }
  return out;
}

// One e-mail against none.
CampaignRows campaign(const events::Table& table, const std::string& email,
                      const std::string& outcome) {
  const events::Column& arm = *table.find("segment");
  const auto& came = std::get<std::vector<double>>(table.find(outcome)->cells);
  CampaignRows all;
  Places places;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const bool treated = arm.text(i) == email;
    if (!treated && arm.text(i) != "No E-Mail") continue;
    places.push_back(i);
    all.treated.push_back(treated ? 1 : 0);
    all.outcome.push_back(came[i]);
  }
  events::Table known;
  for (const char* name : {"recency", "history", "history_segment", "mens",
                           "womens", "zip_code", "newbie", "channel"}) {
    known.columns.push_back(*table.find(name));
  }
  all.rows = classic::rows_at(known, places);
  return all;
}

BenchFigures run(const BenchOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const events::Table table =
      data::read_table((options.data / "hillstrom/hillstrom.csv.zst").string());
  const bool brief = !options.extra.empty() && options.extra[0] == "--brief";
  TextTable report({"e-mail", "outcome", "learner", "qini", "95 %"});
  BenchFigures out;
  for (const char* email : {"Womens E-Mail", "Mens E-Mail"}) {
    for (const char* outcome : {"visit", "conversion", "spend"}) {
      const bool main = email[0] == 'W' && outcome[0] == 'v';
      if (brief && !main) continue;
      const auto scores =
          judge(campaign(table, email, outcome), main && !brief ? kSeeds : 1);
      for (std::size_t i = 0; i < scores.size(); ++i) {
        const double mean = mean_of(scores[i].qini),
                     half = half_width(scores[i].qini);
        report.add(
            {email, outcome, scores[i].name, fixed(mean, 5),
             "[" + fixed(mean - half, 5) + ", " + fixed(mean + half, 5) + "]"});
        if (!main) continue;
        const char* const keys[] = {"qini", "logistic_qini", "trees_qini",
                                    "single_trees_qini"};
        out.emplace_back(keys[i], fixed(mean, 5));
        if (i == 0) out.emplace_back("qini_half_width", fixed(half, 5));
      }
    }
  }
  std::fputs(report.text().c_str(), stdout);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  out.emplace_back("seconds", fixed(took.count(), 1));
  return out;
}

}  // namespace

Bench customers_response_bench() {
  return {"customers/response", "whom a randomised e-mail changes (Hillstrom)",
          run};
}

}  // namespace ensue::apps
