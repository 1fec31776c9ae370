// SPDX-License-Identifier: Apache-2.0
// Which action next, when, and on which item? The next_event head of a gru,
// against Markov chains (what followed the last action, the median time behind
// it, the items that followed the last item): the Taobao slice (views,
// favourites, carts, purchases), the clicks of e-shop clothing (an action is to
// look at one of four categories; its clock knows days alone), the simulated
// shop; and against the blend of both that suits the validation, which answers.
// Split by time, every question of the test that has a history; means
// over seeds, epochs chosen on the validation.
//
// Options: --seeds N, --epochs N.
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/quality.h"
#include "apps/ensue-bench/typed.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/judge/next_action.h"
#include "ensue/models/catalog.h"
#include "ensue/simulate/simulate.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;
using Figures = std::map<std::string, double>;

struct Typed {
  int seeds = 3, epochs = 15;
};

Typed parse(const BenchOptions& bench) {
  Typed out;
  read_typed(bench, {{"--seeds", &out.seeds}, {"--epochs", &out.epochs}});
  return out;
}

// The same clicks, each named after the category that it looks at.
events::Log by_category(const events::Log& log) {
  const events::Column* category = log.item_table().find("category");
  events::LogBuilder out(log.schema());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const events::History all = log.history(events::UserId{u});
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::uint32_t item = events::index(all.items[i]);
      if (all.items[i] == events::kNoItem) continue;
      out.add(log.user_names().name(u), log.item_names().name(item),
              all.times[i], "category " + category->show(item), all.values[i]);
    }
  }
  return out.build();
}

std::shared_ptr<const runtime::Engine> fitted(const events::Log& log,
                                              const judge::Split& split,
                                              const std::string& model,
                                              JsonObject config,
                                              train::TrainOptions options) {
  const auto out =
      train::fit({.log = log,
                  .split = split,
                  .model = models::models().find(model).build(config),
                  .options = std::move(options),
                  .folder = {}});
  return std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(out.draft.bytes(), model));
}

struct Judged {
  std::size_t questions = 0;
  Figures counted, head, learnt;  // learnt: what answers, the blend
};

Judged judged(const events::Log& log, const Typed& typed) {
  const judge::Split split = judge::make_split(log, {});
  const auto counted = judge::evaluate_next_action(
      log, split.test,
      judge::counting_guesser(log, split,
                              fitted(log, split, "markov", {}, {})));
  Judged out{counted.questions, counted.figures, {}, {}};
  for (int seed = 1; seed <= typed.seeds; ++seed) {
    train::TrainOptions options;
    options.epochs = typed.epochs;
    options.patience = 3;
    options.validation_users = 1000;
    options.seed = seed;
    const auto engine = fitted(
        log, split, "gru",
        {{"events", true}, {"actions", true}, {"gaps", true}, {"dropout", 0.3}},
        options);
    const auto one = judge::evaluate_next_action(
        log, split.test, judge::engine_guesser(engine, log));
    for (const auto& [name, value] : one.figures) {
      out.learnt[name] += value / typed.seeds;
    }
    const auto alone = judge::evaluate_next_action(
        log, split.test,
        judge::engine_guesser(engine, log, 10, /*blended=*/false));
    for (const auto& [name, value] : alone.figures) {
      out.head[name] += value / typed.seeds;
    }
  }
  return out;
}

BenchFigures run(const BenchOptions& bench) {
  const Typed typed = parse(bench);
  const ScratchFolder scratch;
  const fs::path& work = scratch.path();
  const auto read = [&](const std::string& name, const std::string& file) {
    return import_public_data(name, {file}, bench.data, work, {});
  };
  const std::vector<std::pair<std::string, events::Log>> logs = {
      {"taobao",
       read("taobao", "taobao-stream-slice/UserBehavior_slice.csv.zst")},
      {"eshop",
       by_category(
           read("eshop", "eshop-clothing-2008/e-shop_clothing_2008.csv.zst"))},
      {"simulated",
       simulate::simulate_log(simulate::Shop{simulate::SimulateOptions{}})}};
  TextTable table({"", "questions", "", "accuracy", "macro_f1", "logloss",
                   "time_error", "hit@10"});
  BenchFigures out;
  for (const auto& [name, log] : logs) {
    const Judged all = judged(log, typed);
    const auto row = [&](const char* what, const Figures& figures) {
      table.add(
          {name, grouped(all.questions), what, fixed(figures.at("accuracy"), 4),
           fixed(figures.at("macro_f1"), 4), fixed(figures.at("logloss"), 4),
           fixed(figures.at("time_error"), 4), fixed(figures.at("hit"), 4)});
    };
    row("gru", all.head);
    row("markov", all.counted);
    row("blend", all.learnt);
    for (const char* figure :
         {"accuracy", "macro_f1", "logloss", "time_error"}) {
      out.emplace_back(name + "." + figure, fixed(all.learnt.at(figure), 4));
    }
    out.emplace_back(name + ".gru_logloss", fixed(all.head.at("logloss"), 4));
    out.emplace_back(name + ".markov_logloss",
                     fixed(all.counted.at("logloss"), 4));
  }
  std::printf("%s", table.text().c_str());
  out.emplace_back("seeds", std::to_string(typed.seeds));
  return out;
}

}  // namespace

Bench customers_next_action_bench() {
  return {"customers/next-action",
          "which action next, when, on which item, against Markov chains", run};
}

}  // namespace ensue::apps
