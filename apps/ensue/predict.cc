// SPDX-License-Identifier: Apache-2.0
// ensue predict TASK: the answer to any task, with its probabilities.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/customer.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/data/options.h"
#include "ensue/tasks/catalog.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string task = "next_item";
  CustomerOptions who;
};

void print_distribution(const Customer& customer,
                        const std::vector<tasks::Recommendation>& answer,
                        std::size_t items) {
  std::printf("%s  (%zu events)\n",
              styled(Style::kBold, clip(customer.name, 60)).c_str(),
              customer.past.items.size());
  if (!customer.note.empty()) std::printf("  %s\n", customer.note.c_str());
  TextTable table({"item", "title", "probability", "together"});
  double sum = 0;
  for (const tasks::Recommendation& r : answer) {
    sum += r.probability;
    table.add({r.name, r.title, fixed(r.probability, 6), fixed(sum, 4)});
  }
  std::printf("%s  %zu other items: %.4f\n\n", table.text().c_str(),
              items - answer.size(), 1 - sum);
}

int run(const Typed& typed, const Settings& settings) {
  tasks::tasks().find(typed.task);
  typed.who.check();
  const auto engine = runtime::Engine::load(typed.who.model);
  for (const Customer& c : find_customers(typed.who, settings, *engine)) {
    print_distribution(
        c,
        tasks::next_items(*engine, c.past.view(), typed.who.filter(),
                          static_cast<std::size_t>(typed.who.k)),
        engine->items());
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("TASK", typed->task, "see ensue tasks")->capture_default_str();
  typed->who.add(app);
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb predict_verb() {
  return {"predict", "the distribution behind an answer",
          "ensue predict next_item --user 17850", add};
}

}  // namespace ensue::apps
