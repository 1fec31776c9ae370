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
#include "ensue/base/rng.h"
#include "ensue/classic/uplift.h"
#include "ensue/data/read_table.h"
#include "ensue/metrics/uplift.h"

namespace ensue::apps {
namespace {

using classic::CampaignRows;
using classic::UpliftOptions;

constexpr int kFolds = 5, kSeeds = 3, kInnerFolds = 3;

struct Contender {
  std::string name;
  UpliftOptions options;
};

UpliftOptions learner(const std::string& name, const std::string& outcome,
                      const std::string& effect, double l2 = 1) {
  UpliftOptions out;
  out.learner = name;
  out.outcome.model = outcome;
  out.effect.model = effect;
  out.effect.l2 = l2;
  out.outcome.depth = 3;
  out.effect.depth = 2;
  out.effect.eta = 0.05;
  out.folds = 2;
  return out;
}

std::vector<Contender> floors() {
  return {{"logistic, two models", learner("two", "linear", "")},
          {"trees, two models", learner("two", "trees", "")},
          {"trees, one model", learner("single", "trees", "")}};
}

std::vector<Contender> choices() {
  return {{"logistic, two models", learner("two", "linear", "")},
          {"cross, linear", learner("cross", "linear", "linear", 100)},
          {"robust, linear, held in",
           learner("robust", "linear", "linear", 10'000)},
          {"robust, trees", learner("robust", "linear", "trees")},
          {"trees, one model", learner("single", "trees", "")}};
}

using Places = std::vector<std::size_t>;

// Rows in folds, both arms shared out alike.
std::vector<int> folds_of(const CampaignRows& all, int folds,
                          std::uint64_t seed) {
  std::vector<int> out(all.size());
  for (const std::uint8_t arm : {0, 1}) {
    Places places;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all.treated[i] == arm) places.push_back(i);
    }
    Rng rng(seed, arm);
    shuffle(places, rng);
    for (std::size_t i = 0; i < places.size(); ++i) {
      out[places[i]] = static_cast<int>(i) % folds;
    }
  }
  return out;
}

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

// The effects by every contender, and last by their mean.
std::vector<std::vector<double>> effects_of_all(
    const CampaignRows& train, const events::Table& rows,
    const std::vector<Contender>& contenders) {
  std::vector<std::vector<double>> out;
  std::vector<double> mean(rows.rows(), 0);
  for (const Contender& one : contenders) {
    out.push_back(effects_of(train, rows, one.options));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += out.back()[i];
  }
  out.push_back(std::move(mean));
  return out;
}

// The place with the best mean Qini over inner folds; behind the contenders:
// their mean.
std::size_t chosen(const CampaignRows& train,
                   const std::vector<Contender>& contenders,
                   std::uint64_t seed) {
  const auto fold = folds_of(train, kInnerFolds, seed);
  std::vector<double> sums(contenders.size() + 1, 0);
  for (int f = 0; f < kInnerFolds; ++f) {
    const CampaignRows held = train.at(where(fold, f, true));
    const auto effects =
        effects_of_all(train.at(where(fold, f, false)), held.rows, contenders);
    for (std::size_t c = 0; c < sums.size(); ++c) {
      sums[c] += qini_of(held, effects[c]);
    }
  }
  return static_cast<std::size_t>(std::ranges::max_element(sums) -
                                  sums.begin());
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
  std::vector<Scores> out = {{"chosen by inner folds", {}},
                             {"mean of all", {}}};
  for (const Contender& floor : floors()) out.push_back({floor.name, {}});
  for (int seed = 1; seed <= seeds; ++seed) {
    const auto fold = folds_of(all, kFolds, static_cast<std::uint64_t>(seed));
    for (int f = 0; f < kFolds; ++f) {
      const CampaignRows train = all.at(where(fold, f, false)),
                         test = all.at(where(fold, f, true));
      const auto contenders = choices();
      const std::size_t best =
          chosen(train, contenders, static_cast<std::uint64_t>(seed * 10 + f));
      std::printf("  seed %d fold %d: %s\n", seed, f,
                  best < contenders.size() ? contenders[best].name.c_str()
                                           : "their mean");
      std::fflush(stdout);
      const auto effects = effects_of_all(train, test.rows, contenders);
      out[0].qini.push_back(qini_of(test, effects[best]));
      out[1].qini.push_back(qini_of(test, effects.back()));
      const auto others = floors();
      for (std::size_t i = 0; i < others.size(); ++i) {
        out[i + 2].qini.push_back(
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
        const char* const keys[] = {"qini", "mean_qini", "logistic_qini",
                                    "trees_qini", "single_trees_qini"};
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
