// SPDX-License-Identifier: Apache-2.0
// How well whole futures are predicted in the simulated shop: the next five
// events of every customer after the test cut, their log-loss part by part and
// the set of their items, against counting, against models of items alone, and
// against the best possible: Bayes' rule for the next item, the shop's own
// futures for the set.
#include "ensue/judge/futures.h"

#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/quality_options.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"
#include "ensue/models/catalog.h"
#include "ensue/simulate/ceiling.h"
#include "ensue/simulate/customer.h"
#include "ensue/simulate/simulate.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

using judge::FuturesQuery;
using metrics::Interval;
using Figures = std::map<std::string, Interval>;

constexpr judge::FuturesOptions kAsked = {.steps = 5, .samples = 200};

// "i0000365" -> 365, "u0000017" -> 17.
std::uint32_t number_of(std::string_view name) {
  std::uint32_t out = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), out);
  return out;
}

Figures judged(const events::Log& log, const judge::Split& split,
               const std::vector<FuturesQuery>& queries,
               const std::string& model, JsonObject config,
               train::TrainOptions options) {
  const auto fitted =
      train::fit({.log = log,
                  .split = split,
                  .model = models::models().find(model).build(config),
                  .options = std::move(options),
                  .folder = {}});
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(fitted.draft.bytes(), model));
  std::printf("%-12s trained in %.0f s\n", model.c_str(), fitted.seconds);
  return judge::evaluate_futures(log, queries, engine, kAsked).metrics;
}

// Another five events of the same customer, as the shop would go on; none when
// the customer has not as many left.
std::vector<std::uint32_t> other_future(const simulate::Shop& shop,
                                        std::uint32_t user, std::size_t kept,
                                        std::uint64_t seed) {
  simulate::Trace trace;
  simulate::simulate_branch(shop, user, kept, seed, trace);
  std::vector<std::uint32_t> out;
  const auto steps = static_cast<std::size_t>(kAsked.steps);
  if (trace.events.size() < kept + steps) return out;
  for (std::size_t i = 0; i < steps; ++i) {
    out.push_back(trace.events[kept + i].item);
  }
  return out;
}

// What the shop's own futures reach, drawn from the true present.
Interval best_set_recall(const simulate::Shop& shop, const events::Log& log,
                         const std::vector<FuturesQuery>& queries) {
  std::vector<double> values(queries.size());
  parallel_for(queries.size(), 4, [&](std::size_t begin, std::size_t end) {
    for (std::size_t q = begin; q < end; ++q) {
      const auto user =
          number_of(log.user_names().name(events::index(queries[q].user)));
      const std::size_t kept = queries[q].history;
      std::vector<std::vector<std::uint32_t>> futures;
      for (std::uint64_t seed = 0;
           futures.size() < static_cast<std::size_t>(kAsked.samples) &&
           seed < 20 * static_cast<std::uint64_t>(kAsked.samples);
           ++seed) {
        auto drawn = other_future(shop, user, kept, seed);
        if (!drawn.empty()) futures.push_back(std::move(drawn));
      }
      const auto history = log.history(queries[q].user);
      std::vector<std::uint32_t> coming;
      for (int i = 0; i < kAsked.steps; ++i) {
        const auto item = history.items[kept + static_cast<std::size_t>(i)];
        coming.push_back(number_of(log.item_names().name(events::index(item))));
      }
      values[q] = judge::set_recall(coming, futures, kAsked.k);
    }
  });
  return metrics::bootstrap(values, kAsked.bootstrap, kAsked.seed);
}

// Bayes' rule for the next item, five times over, like item_logloss.
double best_item_logloss(const simulate::Shop& shop, const events::Log& log,
                         const std::vector<FuturesQuery>& queries) {
  std::vector<simulate::NextItemQuery> all;
  for (const FuturesQuery& query : queries) {
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(kAsked.steps);
         ++i) {
      all.push_back({query.user, query.history + i});
    }
  }
  return simulate::compute_ceilings(shop, log, all).log.log_loss;
}

std::string cell(const Figures& figures, const char* name) {
  const auto found = figures.find(name);
  if (found == figures.end()) return "";
  return fixed(found->second.mean, 4) + " [" + fixed(found->second.low, 4) +
         ", " + fixed(found->second.high, 4) + "]";
}

BenchFigures run(const BenchOptions& options) {
  train::TrainOptions recipe;
  recipe.epochs = recipe.patience = 24;
  recipe.evaluate_every = 6;
  recipe.validation_users = 200;
  recipe.schedule = "cosine";
  recipe.warmup = 0.05;
  read_fields(recipe, parse_quality_options(options.extra).train, "--train");
  const simulate::Shop shop{simulate::SimulateOptions{}};
  const events::Log log = simulate::simulate_log(shop);
  const judge::Split split = judge::make_split(log, {});
  const auto queries = judge::futures_queries(log, split.test, kAsked.steps);
  const Figures gru = judged(log, split, queries, "gru",
                             {{"events", true}, {"actions", true}}, recipe);
  const Figures markov = judged(log, split, queries, "markov", {}, recipe);
  Figures counted = judge::count_futures(log, split, queries, kAsked);
  const Interval best = best_set_recall(shop, log, queries);
  const double bayes = best_item_logloss(shop, log, queries);
  Figures ceiling = {{"set_recall", best},
                     {"item_logloss", {bayes, bayes, bayes}}};

  TextTable table({"five steps ahead", "gru, whole events", "markov",
                   "counting", "best possible"});
  for (const char* name :
       {"set_recall", "top_recall", "item_logloss", "event_item_logloss",
        "action_logloss", "time_logloss", "logloss", "action_accuracy",
        "time_inside"}) {
    table.add({name, cell(gru, name), cell(markov, name), cell(counted, name),
               cell(ceiling, name)});
  }
  std::printf("%zu customers\n%s", queries.size(), table.text().c_str());
  const auto mean = [](const Figures& figures, const char* name) {
    return fixed(figures.at(name).mean, 4);
  };
  return {{"set_recall@10", mean(gru, "set_recall")},
          {"best_set_recall@10", fixed(best.mean, 4)},
          {"ratio", fixed(gru.at("set_recall").mean / best.mean, 3)},
          {"top_recall@10", mean(gru, "top_recall")},
          {"markov_set_recall@10", mean(markov, "set_recall")},
          {"logloss", mean(gru, "logloss")},
          {"item_logloss", mean(gru, "item_logloss")},
          {"best_item_logloss", fixed(bayes, 4)},
          {"action_logloss", mean(gru, "action_logloss")},
          {"counted_action_logloss", mean(counted, "action_logloss")},
          {"time_logloss", mean(gru, "time_logloss")},
          {"counted_time_logloss", mean(counted, "time_logloss")},
          {"time_inside", mean(gru, "time_inside")}};
}

}  // namespace

Bench quality_futures_bench() {
  return {"quality/futures", "five events ahead in the simulated shop", run};
}

}  // namespace ensue::apps
