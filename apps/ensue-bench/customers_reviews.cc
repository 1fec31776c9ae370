// SPDX-License-Identifier: Apache-2.0
// Recommended or not, from the title and the text of 23,486 reviews, five
// folds, three ways to cut them. The rating is no input: "stars" alone learns
// it of the rows it is fitted on (more than one star, than two, ...), and is
// asked without it as the others are.
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

// What the floors do not choose is fixed: weights of blends are fitted inside
// each training part.
std::vector<Contender> contenders() {
  const std::vector<std::string> words = {"title=words:2", "text=words:2",
                                          "both=words:3"};
  Contender blend = logistic("blend", words);
  blend.options.model = "linear+bayes";
  blend.options.folds = 3;
  blend.options.calibration = "auto";
  Contender stars = blend;
  stars.name = "stars";
  stars.auxiliary = true;
  return {logistic("text", {"text=words:2"}),
          logistic("words", {"both=words:2"}), blend, stars};
}

BenchFigures run(const BenchOptions& options) {
  const std::string file = (options.data / "reviews-womens-clothing" /
                            "womens_clothing_reviews.csv.zst")
                               .string();
  const events::Table rows = data::read_table(
      file,
      "coalesce(\"Title\", '') AS title, coalesce(\"Review Text\", '') AS "
      "text, coalesce(\"Title\", '') || ' ' || coalesce(\"Review Text\", '') "
      "AS both");
  const events::Table said =
      data::read_table(file, "\"Recommended IND\", \"Rating\"");
  const auto numbers = [&](std::size_t column) {
    return std::get<std::vector<double>>(said.columns[column].cells);
  };
  const std::vector<double> labels = numbers(0);
  const auto scores = score_folds(
      {.rows = rows, .labels = labels, .auxiliary = numbers(1)}, contenders(),
      [](const std::string& line) { std::puts(line.c_str()); });
  print_scores(scores);
  return {{"auc", fixed(scores.back().auc, 4)},
          {"without_stars_auc", fixed(scores[2].auc, 4)},
          {"words_auc", fixed(scores[1].auc, 4)},
          {"text_auc", fixed(scores[0].auc, 4)},
          {"seconds", fixed(scores.back().seconds, 1)}};
}

}  // namespace

Bench customers_reviews_bench() {
  return {"customers/reviews", "recommended or not, from title and text", run};
}

}  // namespace ensue::apps
