// SPDX-License-Identifier: Apache-2.0
// ensue predict TASK: the answer to any task, with its probabilities.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/customer.h"
#include "apps/ensue/predict_customers.h"
#include "apps/ensue/predict_next.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/train_customers.h"
#include "apps/ensue/verb.h"
#include "ensue/data/options.h"
#include "ensue/tasks/catalog.h"
#include "ensue/tasks/customer_task.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string task = "next_item";
  CustomerOptions who;
  tasks::FuturesOptions futures;
  std::string at, out;  // of questions about customers
};

bool about_customers(const std::string& task) {
  return std::ranges::any_of(
      tasks::customer_tasks().all(),
      [&](const tasks::CustomerTask& one) { return one.name == task; });
}

int run_customers(const Typed& typed, const Settings& settings) {
  const CustomerOptions usual;
  return predict_customers(
      {.task = typed.task,
       .model = typed.who.model == usual.model
                    ? customer_model_path(typed.task).string()
                    : typed.who.model,
       .users = typed.who.users,
       .all_users = typed.who.all_users,
       .at = typed.at,
       .out = typed.out},
      settings);
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
  return distribution_text(customer, engine, typed);
}

int run(const Typed& typed, const Settings& settings) {
  if (about_customers(typed.task)) return run_customers(typed, settings);
  tasks::tasks().find(typed.task);
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
  app.add_option("--at", typed->at,
                 "of a question about customers: as of when, ISO 8601");
  app.add_option("-o,--out", typed->out,
                 "of a question about all customers: .csv, .parquet, .jsonl");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb predict_verb() {
  return {"predict", "the distribution behind an answer",
          "ensue predict next_item --user 17850", add};
}

}  // namespace ensue::apps
