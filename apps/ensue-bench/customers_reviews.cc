// SPDX-License-Identifier: Apache-2.0
// Recommended or not, from the title and the text of 23,486 reviews (the
// rating is no input), five folds, three ways to cut them. Columns and penalty
// are chosen inside each training part.
#include <cstdio>
#include <string>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/table_folds.h"
#include "apps/ensue/terminal.h"
#include "ensue/data/read_table.h"

namespace ensue::apps {
namespace {

Contender logistic(std::string name, std::vector<std::string> columns) {
  Contender out{std::move(name), {.model = "linear", .calibration = "none"}};
  out.options.columns = std::move(columns);
  out.options.l2 = 0.3;
  return out;
}

std::vector<Contender> contenders() {
  std::vector<Contender> out = {logistic("text", {"text=words:2"}),
                                logistic("words", {"both=words:2"})};
  const std::vector<std::string> words = {"title=words:2", "text=words:2",
                                          "both=words:3"};
  std::vector<std::string> all = words;
  all.insert(all.end(), {"title=letters:2-5", "both=letters:3-5"});
  Contender best{"chosen", {}};
  for (const double l2 : {0.1, 0.3, 1.0}) {
    for (const auto& columns : {words, all}) {
      best.choices.push_back(logistic("", columns).options);
      best.choices.back().l2 = l2;
      best.choices.back().terms = 3;
    }
  }
  best.choices.push_back(logistic("", words).options);
  best.choices.back().naive_bayes = true;
  out.push_back(best);
  return out;
}

BenchFigures run(const BenchOptions& options) {
  const std::string file = (options.data / "reviews-womens-clothing" /
                            "womens_clothing_reviews.csv.zst")
                               .string();
  const events::Table rows = data::read_table(
      file,
      "coalesce(\"Title\", '') AS title, coalesce(\"Review Text\", '') AS "
      "text, title || ' ' || text AS both");
  const events::Table said = data::read_table(file, "\"Recommended IND\"");
  const auto& labels = std::get<std::vector<double>>(said.columns[0].cells);
  const auto scores =
      score_folds({.rows = rows, .labels = labels}, contenders(),
                  [](const std::string& line) { std::puts(line.c_str()); });
  print_scores(scores);
  return {{"auc", fixed(scores.back().auc, 4)},
          {"words_auc", fixed(scores[1].auc, 4)},
          {"text_auc", fixed(scores[0].auc, 4)},
          {"seconds", fixed(scores.back().seconds, 1)}};
}

}  // namespace

Bench customers_reviews_bench() {
  return {"customers/reviews", "recommended or not, from title and text", run};
}

}  // namespace ensue::apps
