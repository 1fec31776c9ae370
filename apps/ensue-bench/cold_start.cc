// SPDX-License-Identifier: Apache-2.0
// Items that appear after training ends: what is a model of columns worth?
//
// Online Retail II, split by time. An item is new when training has no event
// of it. The questions are the test's baskets that hold a new item, of
// customers with a past; the targets are their new items alone. Each answer is
// judged twice: ranking the new items among themselves, and ranking the whole
// catalogue. Nobody learns from events after training but the customer's own.
// What a baseline leaves open is chosen on the same questions of validation.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue-bench/cold_start_baselines.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue-bench/quality_options.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/judge/evaluate.h"
#include "ensue/metrics/ranking.h"
#include "ensue/metrics/ranks.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/new_items.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

using events::ItemId, events::Log;
using judge::Query;

constexpr int kLength = 10;  // of the lists judged
constexpr int kSeeds = 3;
constexpr char kMetric[] = "recall@10";
constexpr char kName[] = "cold-start";  // also the folder of configurations

struct Shop {
  Log log;
  judge::Split split;
  std::vector<std::string> titles, categories;  // by item
  std::vector<std::size_t> counts;              // training events by item

  bool is_new(ItemId item) const { return counts[events::index(item)] == 0; }
};

// A gift's name ends with what it is: "RED SPOTTY CAKE STAND".
std::string category_of(const std::string& title) {
  const auto words = words_of(title);
  return words.empty() ? "" : words.back();
}

Shop open_shop(const BenchOptions& options, const QualityOptions& typed,
               const ProgressFn& progress) {
  Shop out;
  out.log = import_public_data(
      kName, {"online-retail-II/online_retail_to_2011-08.csv.zst"},
      options.data, typed.work, progress);
  out.split = judge::make_split(out.log, {});
  const events::Column* titles = out.log.item_table().find("title");
  if (titles == nullptr) {
    throw Error(Code::kCorrupt, "online-retail-II: no titles of items");
  }
  for (std::size_t i = 0; i < out.log.items(); ++i) {
    out.titles.push_back(titles->text(i));
    out.categories.push_back(category_of(out.titles.back()));
  }
  out.counts.resize(out.log.items());
  for (std::uint32_t u = 0; u < out.log.users(); ++u) {
    const judge::Range range = out.split.train[u];
    const auto past = out.log.history(events::UserId{u});
    for (const ItemId item : past.slice(range.begin, range.end).items) {
      if (item != events::kNoItem) ++out.counts[events::index(item)];
    }
  }
  return out;
}

std::vector<ItemId> new_targets(const Shop& shop, const Query& query) {
  const auto history = shop.log.history(query.user);
  std::vector<ItemId> out;
  for (std::uint32_t i = query.targets.begin; i < query.targets.end; ++i) {
    const ItemId item = history.items[i];
    if (item != events::kNoItem && shop.is_new(item)) out.push_back(item);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

bool has_past(const Shop& shop, const Query& query) {
  const auto past = shop.log.history(query.user).first(query.history).items;
  return std::ranges::any_of(
      past, [](ItemId item) { return item != events::kNoItem; });
}

std::vector<Query> cold_questions(const Shop& shop,
                                  const std::vector<Query>& all) {
  std::vector<Query> out;
  for (const Query& query : all) {
    if (has_past(shop, query) && !new_targets(shop, query).empty()) {
      out.push_back(query);
    }
  }
  return out;
}

// Recall of the new targets, a value per user, as the judge has them.
class Judge {
 public:
  Judge(const Shop& shop, const std::vector<Query>& questions,
        const judge::Scorer& scorer, bool among_new)
      : shop_(shop), questions_(questions), scorer_(scorer) {
    for (std::uint32_t i = 0; among_new && i < shop.log.items(); ++i) {
      const auto place = scorer.place(ItemId{i});
      if (place && !shop.is_new(ItemId{i})) excluded_.push_back(*place);
    }
  }

  judge::Evaluation run() const {
    judge::Evaluation out;
    out.model = scorer_.name();
    out.queries = questions_.size();
    auto& values = out.per_user[kMetric];
    for (std::size_t begin = 0; begin < questions_.size();) {
      std::size_t end = begin;
      while (end < questions_.size() &&
             questions_[end].user == questions_[begin].user) {
        ++end;
      }
      values.push_back(of_user({&questions_[begin], end - begin}));
      begin = end;
    }
    out.users = values.size();
    out.metrics[kMetric] = metrics::bootstrap(values, 1000, /*seed=*/1);
    return out;
  }

 private:
  double of_user(std::span<const Query> questions) const {
    double sum = 0;
    scorer_.score(shop_.log, questions,
                  [&](std::size_t q, std::span<const float> logits) {
                    sum += of_question(questions[q], logits);
                  });
    return sum / static_cast<double>(questions.size());
  }
  double of_question(const Query& query, std::span<const float> logits) const {
    std::vector<std::uint32_t> places;
    const auto targets = new_targets(shop_, query);
    for (const ItemId item : targets) {
      if (const auto place = scorer_.place(item)) places.push_back(*place);
    }
    auto ranks = metrics::ranks_of(logits, places, excluded_);
    ranks.resize(targets.size(), std::numeric_limits<double>::infinity());
    return metrics::recall({ranks, {}}, kLength);
  }

  const Shop& shop_;
  const std::vector<Query>& questions_;
  const judge::Scorer& scorer_;
  std::vector<std::uint32_t> excluded_;
};

using Scorers = std::vector<std::unique_ptr<judge::Scorer>>;

// The one that does best on validation, where new items rank among themselves.
std::unique_ptr<judge::Scorer> best_of(const Shop& shop, Scorers candidates) {
  const auto questions = cold_questions(shop, shop.split.validation);
  double best = -1;
  std::unique_ptr<judge::Scorer> out;
  for (auto& candidate : candidates) {
    const double value =
        Judge(shop, questions, *candidate, true).run().metrics.at(kMetric).mean;
    if (value <= best) continue;
    best = value;
    out = std::move(candidate);
  }
  return out;
}

std::unique_ptr<judge::Scorer> best_tfidf(const Shop& shop) {
  Scorers all;
  for (const int last : {5, 20, 50, 100, 500}) {
    all.push_back(tfidf_scorer(shop.log, shop.titles, last));
  }
  return best_of(shop, std::move(all));
}

std::unique_ptr<judge::Scorer> best_category(const Shop& shop) {
  Scorers all;
  for (const double smoothing : {1.0, 10.0, 100.0, 1000.0}) {
    all.push_back(
        category_scorer(shop.log, shop.categories, shop.counts, smoothing));
  }
  return best_of(shop, std::move(all));
}

struct Trained {
  std::unique_ptr<judge::Scorer> scorer;
  double seconds = 0;
};

Trained train_model(const Shop& shop, const std::string& model, int seed,
                    const QualityOptions& typed, const ProgressFn& progress) {
  Recipe recipe = read_recipe(model, kName, typed);
  recipe.train.seed = seed;
  const auto fitted = fit_recipe(recipe, shop.log, shop.split, progress);
  const auto trained =
      artifact::Artifact::from_bytes(fitted.draft.bytes(), model);
  const auto late = runtime::unknown_items(*trained, shop.log.item_names(),
                                           shop.log.item_table());
  const auto engine = std::make_shared<const runtime::Engine>(
      runtime::with_items(*trained, late));
  return {judge::engine_scorer(model, engine, shop.log), fitted.seconds};
}

struct Row {
  judge::Evaluation among_new, among_all;
};

Row judge_both(const Shop& shop, const std::vector<Query>& questions,
               const judge::Scorer& scorer) {
  return {Judge(shop, questions, scorer, true).run(),
          Judge(shop, questions, scorer, false).run()};
}

// The mean over seeds, user by user.
void add_seed(judge::Evaluation& sum, const judge::Evaluation& one,
              double share) {
  auto& values = sum.per_user[kMetric];
  const auto& more = one.per_user.at(kMetric);
  values.resize(more.size());
  for (std::size_t u = 0; u < more.size(); ++u) values[u] += share * more[u];
  sum.model = one.model;
  sum.queries = one.queries;
  sum.users = one.users;
  sum.metrics[kMetric] = metrics::bootstrap(values, 1000, /*seed=*/1);
}

std::string show(const metrics::Interval& interval) {
  return fixed(interval.mean, 4) + " (" + fixed(interval.low, 4) + " to " +
         fixed(interval.high, 4) + ")";
}

// Rows: the model, then the baselines.
BenchFigures print_rows(const std::vector<std::pair<std::string, Row>>& rows) {
  TextTable table({"", "recall@10 among new items", "minus this",
                   "recall@10, whole catalogue", "minus this"});
  BenchFigures out;
  for (const auto& [key, row] : rows) {
    std::vector<std::string> cells = {row.among_new.model};
    for (const auto part : {&Row::among_new, &Row::among_all}) {
      const auto& mine = row.*part;
      const bool first = &row == &rows[0].second;
      const auto difference =
          judge::compare(rows[0].second.*part, mine, kMetric).difference;
      cells.push_back(show(mine.metrics.at(kMetric)));
      cells.push_back(first ? "" : show(difference));
      const std::string where = part == &Row::among_new ? "new" : "all";
      out.emplace_back(key + "." + where + ".recall@10",
                       fixed(mine.metrics.at(kMetric).mean, 4));
      if (!first) {
        out.emplace_back(key + "." + where + ".difference_low",
                         fixed(difference.low, 4));
        out.emplace_back(key + "." + where + ".difference_high",
                         fixed(difference.high, 4));
      }
    }
    table.add(cells);
  }
  std::fputs(table.text().c_str(), stdout);
  return out;
}

void print_questions(const Shop& shop, const std::vector<Query>& questions) {
  const auto fresh = std::ranges::count(shop.counts, 0U);
  std::printf(
      "%s\n%s items, %s of them new; %s questions with a new item, of "
      "customers with a past\n",
      shop.split.description.c_str(), grouped(shop.log.items()).c_str(),
      grouped(static_cast<std::size_t>(fresh)).c_str(),
      grouped(questions.size()).c_str());
  std::fflush(stdout);
}

BenchFigures run(const BenchOptions& options) {
  QualityOptions typed;
  typed.models = {"gru"};
  typed = parse_quality_options(options.extra, typed);
  ProgressPrinter printer;
  const ProgressFn progress = printer.function();
  const Shop shop = open_shop(options, typed, progress);
  const auto questions = cold_questions(
      shop, typed.validation ? shop.split.validation : shop.split.test);
  printer.finish();
  print_questions(shop, questions);

  std::vector<std::pair<std::string, Row>> rows;
  const int seeds = typed.seeds > 0 ? typed.seeds : kSeeds;
  double seconds = 0;
  for (const std::string& model : typed.models) {
    Row mean;
    for (int seed = 1; seed <= seeds; ++seed) {
      const auto trained = train_model(shop, model, seed, typed, progress);
      const Row row = judge_both(shop, questions, *trained.scorer);
      add_seed(mean.among_new, row.among_new, 1.0 / seeds);
      add_seed(mean.among_all, row.among_all, 1.0 / seeds);
      seconds += trained.seconds / seeds;
    }
    rows.emplace_back(model, std::move(mean));
  }
  rows.emplace_back("tfidf", judge_both(shop, questions, *best_tfidf(shop)));
  rows.emplace_back("category",
                    judge_both(shop, questions, *best_category(shop)));
  printer.finish();
  BenchFigures figures = print_rows(rows);
  figures.emplace_back("questions", std::to_string(questions.size()));
  figures.emplace_back("seconds", fixed(seconds, 1));
  return figures;
}

}  // namespace

Bench quality_cold_start_bench() {
  return {"quality/cold-start",
          "items that appear after training, against TF-IDF and category", run};
}

}  // namespace ensue::apps
