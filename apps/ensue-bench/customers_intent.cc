// SPDX-License-Identifier: Apache-2.0
// Will this session end in a purchase: a table of 12,330 sessions, five folds,
// three ways to cut them. Rounds, epochs, weights of the blend and calibration
// are chosen inside the folds that each fit learns on; what the floors do not
// choose is fixed.
#include <cstdio>
#include <utility>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/table_folds.h"
#include "apps/ensue/terminal.h"
#include "ensue/data/read_table.h"
#include "ensue/explain/rules.h"
#include "ensue/metrics/calibration.h"

namespace ensue::apps {
namespace {

// What sums and means of a session say of each other, made for all contenders.
constexpr char kDerived[] =
    "Administrative + Informational + ProductRelated AS Pages, "
    "Administrative_Duration + Informational_Duration + "
    "ProductRelated_Duration AS Duration, "
    "Duration / greatest(Pages, 1) AS DurationOfPage, "
    "ProductRelated_Duration / greatest(ProductRelated, 1) AS "
    "DurationOfProduct, "
    "ProductRelated / greatest(Pages, 1) AS ProductShare, "
    "PageValues * Pages AS Value, PageValues * ExitRates AS ValueExit, "
    "PageValues / greatest(Pages, 1) AS ValueOfPage, "
    "ExitRates - BounceRates AS ExitNotBounce, ExitRates * Pages AS Exits, "
    "BounceRates * Pages AS Bounces";

std::vector<Contender> contenders() {
  const Contender linear{"linear", {.model = "linear", .calibration = "none"}};
  Contender forest{"forest", {.model = "forest", .calibration = "none"}};
  Contender boosted{"trees", {.model = "trees", .calibration = "none"}};
  boosted.options.rounds = 150;
  boosted.options.patience = 0;
  Contender blend{"blend", {.model = "trees+forest+dense+linear"}};
  blend.options.folds = 3;
  blend.options.eta = 0.02;
  blend.options.depth = 5;
  blend.options.leaf_weight = 8;
  blend.options.leaf_l2 = 3;
  blend.options.rows_share = 0.6;
  blend.options.columns_share = 0.35;
  blend.options.networks = 2;
  blend.options.epochs = 30;
  forest.options.forest = blend.options.forest = 150;
  return {linear, forest, boosted, blend};
}

// How well a few rules say the same as the out-of-fold answers.
void print_rules(const events::Table& rows,
                 const std::vector<double>& answers) {
  const auto half = [&](std::size_t parity) {
    std::vector<std::size_t> out;
    for (std::size_t row = parity; row < answers.size(); row += 2) {
      out.push_back(row);
    }
    return out;
  };
  const auto part = [&](const std::vector<std::size_t>& chosen) {
    std::vector<double> out;
    for (const std::size_t row : chosen) out.push_back(answers[row]);
    return out;
  };
  const auto made = half(0), held = half(1);
  explain::RuleOptions options;
  options.depth = 3;
  const explain::Rules rules(rows_of(rows, made), part(made), options);
  std::printf("as %zu rules, which follow its answers with R2 %.3f:\n%s",
              rules.size(), rules.fidelity(rows_of(rows, held), part(held)),
              rules.text().c_str());
}

BenchFigures run(const BenchOptions& options) {
  const std::string file = (options.data / "online-shoppers-intention" /
                            "online_shoppers_intention.csv.zst")
                               .string();
  const events::Table rows =
      data::read_table(file, std::string("* EXCLUDE (Revenue), ") + kDerived);
  const events::Table bought = data::read_table(file, "Revenue");
  const auto& labels = std::get<std::vector<double>>(bought.columns[0].cells);
  const auto scores =
      score_folds({.rows = rows, .labels = labels}, contenders(),
                  [](const std::string& line) { std::puts(line.c_str()); });
  print_scores(scores);
  const FoldScores& best = scores.back();
  std::printf("where %s says, and how often it is so:\n", best.name.c_str());
  for (const auto& bin : metrics::reliability(best.answers, labels)) {
    if (bin.weight > 0) {
      std::printf("  %.3f  %.3f  (%.0f sessions)\n", bin.predicted,
                  bin.observed, bin.weight);
    }
  }
  print_rules(rows, best.answers);
  return {{"auc", fixed(best.auc, 4)},
          {"ap", fixed(best.ap, 4)},
          {"forest_auc", fixed(scores[1].auc, 4)},
          {"trees_auc", fixed(scores[2].auc, 4)},
          {"trees_ap", fixed(scores[2].ap, 4)},
          {"ece", fixed(best.ece, 4)},
          {"seconds", fixed(best.seconds, 1)}};
}

}  // namespace

Bench customers_intent_bench() {
  return {"customers/intent", "purchase or not, from a table of sessions", run};
}

}  // namespace ensue::apps
