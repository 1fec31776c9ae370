// SPDX-License-Identifier: Apache-2.0
// ensue predict TASK: the answer to any task, with its probabilities.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/customer.h"
#include "apps/ensue/predict_next.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/data/options.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string task = "next_item";
  CustomerOptions who;
  tasks::FuturesOptions futures;
  TaskQuestion about;  // of all other tasks
};

// Tasks that models of the next item answer.
bool asks_engine(const std::string& task) {
  return task == "next_item" || task == "next" || task == "next_action";
}

int run_task(Typed typed, const Settings& settings) {
  typed.about.task = typed.task;
  typed.about.model = typed.who.model == CustomerOptions().model
                          ? task_model_path(typed.task).string()
                          : typed.who.model;
  typed.about.users = typed.who.users;
  typed.about.all_users = typed.who.all_users;
  typed.about.k = typed.who.k;
  typed.about.filter = typed.who.filter();
  return command_to_predict(typed.about).predict(typed.about, settings);
}

std::string distribution_text(const Customer& customer,
                              const runtime::Engine& engine,
                              const Typed& typed) {
  const auto answer =
      tasks::next_items(engine, customer.past.view(), typed.who.filter(),
                        static_cast<std::size_t>(typed.who.k));
  TextTable table({"item", "title", "probability", "together"});
  double sum = 0;
  for (const tasks::Recommendation& r : answer) {
    sum += r.probability;
    table.add({r.name, r.title, fixed(r.probability, 6), fixed(sum, 4)});
  }
  return table.text() + "  " + std::to_string(engine.items() - answer.size()) +
         " other items: " + fixed(1 - sum, 4) + "\n";
}

std::string answer_text(const Customer& customer, const runtime::Engine& engine,
                        const Typed& typed) {
  if (typed.task == "next") {
    return futures_text(customer, engine, typed.futures,
                        static_cast<std::size_t>(typed.who.k));
  }
  if (typed.task == "next_action") {
    return next_action_text(customer, engine,
                            static_cast<std::size_t>(typed.who.k));
  }
  return distribution_text(customer, engine, typed);
}

int run(const Typed& typed, const Settings& settings) {
  if (!asks_engine(typed.task)) return run_task(typed, settings);
  typed.who.check();
  const auto engine = runtime::Engine::load(typed.who.model);
  for (const Customer& c : find_customers(typed.who, settings, *engine)) {
    std::printf("%s  (%zu events)\n",
                styled(Style::kBold, clip(c.name, 60)).c_str(),
                c.past.items.size());
    if (!c.note.empty()) std::printf("  %s\n", c.note.c_str());
    std::printf("%s\n", answer_text(c, *engine, typed).c_str());
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("TASK", typed->task, "see ensue tasks")->capture_default_str();
  typed->who.add(app);
  add_futures_options(app, typed->futures);
  app.add_flag("--all-users", typed->who.all_users,
               "of a question about customers: everybody's answers");
  app.add_option("--at", typed->about.at,
                 "of a question about customers: as of when, ISO 8601");
  app.add_option("-o,--out", typed->about.out,
                 "where all answers are written: .csv, .parquet, .jsonl");
  app.add_option("--rows", typed->about.rows,
                 "of a task about rows: the file that holds them");
  app.add_option("--query", typed->about.query, "of search: what was typed");
  app.add_option("--budget", typed->about.budget,
                 "of response: customers that may be written to");
  app.add_flag("--churn", typed->about.churn,
               "of retention: everybody by the money that may be lost");
  app.add_flag("--survival", typed->about.survival,
               "of retention: how long customers stay away; of a user, too");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb predict_verb() {
  return {"predict", "the distribution behind an answer",
          "ensue predict next_item --user 17850", add};
}

}  // namespace ensue::apps
