// SPDX-License-Identifier: Apache-2.0
// ensue recommend: what to show to whom.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/customer.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/threads.h"
#include "ensue/data/export.h"
#include "ensue/data/options.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

struct Typed {
  CustomerOptions who;
  std::string out;
  bool json = false;
};

using Answer = std::vector<tasks::Recommendation>;

void print_table(const Customer& customer, const Answer& answer) {
  std::printf("%s  (%zu events)\n",
              styled(Style::kBold, clip(customer.name, 60)).c_str(),
              customer.past.items.size());
  if (!customer.note.empty()) std::printf("  %s\n", customer.note.c_str());
  TextTable table({"", "item", "title", "score", "probability"});
  for (std::size_t i = 0; i < answer.size(); ++i) {
    table.add({std::to_string(i + 1), answer[i].name, answer[i].title,
               fixed(answer[i].score, 3), fixed(answer[i].probability, 4)});
  }
  std::printf("%s\n", table.text().c_str());
}

void print_json(const Customer& customer, const Answer& answer) {
  JsonArray items;
  for (const tasks::Recommendation& r : answer) {
    items.push_back(JsonObject{{"item", r.name},
                               {"title", r.title},
                               {"score", r.score},
                               {"probability", r.probability}});
  }
  const JsonObject line{{"user", customer.name},
                        {"events", customer.past.items.size()},
                        {"note", customer.note},
                        {"items", std::move(items)}};
  std::printf("%s\n", to_text(line).c_str());
}

// One row per customer and place, in order.
events::Table as_table(const std::vector<Customer>& customers,
                       const std::vector<Answer>& answers) {
  std::vector<std::string> users, items, titles;
  std::vector<double> ranks, scores, probabilities;
  for (std::size_t c = 0; c < customers.size(); ++c) {
    for (std::size_t i = 0; i < answers[c].size(); ++i) {
      users.push_back(customers[c].name);
      ranks.push_back(static_cast<double>(i + 1));
      items.push_back(answers[c][i].name);
      titles.push_back(answers[c][i].title);
      scores.push_back(answers[c][i].score);
      probabilities.push_back(answers[c][i].probability);
    }
  }
  events::Table out;
  out.columns = {
      {"user", std::move(users)},   {"rank", std::move(ranks)},
      {"item", std::move(items)},   {"title", std::move(titles)},
      {"score", std::move(scores)}, {"probability", std::move(probabilities)}};
  return out;
}

std::vector<Answer> answer_all(const runtime::Engine& engine,
                               const std::vector<Customer>& customers,
                               const CustomerOptions& who) {
  const tasks::FilterOptions filter = who.filter();
  std::vector<Answer> out(customers.size());
  parallel_for(
      customers.size(), /*grain=*/16, [&](std::size_t begin, std::size_t end) {
        for (std::size_t c = begin; c < end; ++c) {
          out[c] = tasks::next_items(engine, customers[c].past.view(), filter,
                                     static_cast<std::size_t>(who.k));
        }
      });
  return out;
}

int run(const Typed& typed, const Settings& settings) {
  typed.who.check();
  if (typed.who.all_users && typed.out.empty()) {
    invalid("all-users: expected --out FILE.parquet, .csv or .jsonl");
  }
  const auto engine = runtime::Engine::load(typed.who.model);
  const auto customers = find_customers(typed.who, settings, *engine);
  const auto answers = answer_all(*engine, customers, typed.who);
  if (!typed.out.empty()) {
    data::write_table(typed.out, as_table(customers, answers), {"rank"});
    std::printf("%s customers answered in %s\n",
                grouped(customers.size()).c_str(), typed.out.c_str());
    return 0;
  }
  for (std::size_t c = 0; c < customers.size(); ++c) {
    (typed.json ? print_json : print_table)(customers[c], answers[c]);
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  typed->who.add(app);
  app.add_flag("--all-users", typed->who.all_users,
               "everybody of the dataset, into --out");
  app.add_option("--out", typed->out, "a .parquet, .csv or .jsonl file");
  app.add_flag("--json", typed->json, "one JSON object per customer");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb recommend_verb() {
  return {"recommend", "what a customer takes next, best first",
          "ensue recommend --user 17850 -k 5 --exclude-seen", add};
}

}  // namespace ensue::apps
