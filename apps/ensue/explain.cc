// SPDX-License-Identifier: Apache-2.0
// ensue explain: which past events moved an item's score, or why a question
// about customers was answered so.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/customer.h"
#include "apps/ensue/explain_text.h"
#include "apps/ensue/reasons_page.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/task_commands.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/data/options.h"
#include "ensue/explain/event_reasons.h"
#include "ensue/explain/leave_one_out.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string task = "next_item";
  CustomerOptions who;
  WhyQuestion about;  // of all other tasks
  std::vector<std::string> items;
  int max_events = 200, shown = 10;
  std::string by = "score";
  bool json = false;

  explain::LeaveOneOutOptions options() const {
    if (max_events < 1) {
      invalid("max-events: " + std::to_string(max_events) +
              ", expected 1 or more");
    }
    if (shown < 1) {
      invalid("shown: " + std::to_string(shown) + ", expected 1 or more");
    }
    if (by != "score" && by != "probability") {
      invalid("by: '" + by + "', expected score or probability");
    }
    return {.max_events = static_cast<std::size_t>(max_events),
            .strongest = by == "score" ? explain::Scale::kLogit
                                       : explain::Scale::kLogProbability};
  }
};

// The items typed, or else what the customer would be shown.
std::vector<events::ItemId> items_of(const runtime::Engine& engine,
                                     const Customer& customer,
                                     const Typed& typed) {
  const auto& about = engine.artifact().description();
  std::vector<events::ItemId> out;
  for (const std::string& text : typed.items) {
    for (const std::string& name : typed_list(text)) {
      const auto id = about.items.find(name);
      if (!id) {
        throw Error(Code::kNotFound, "item '" + name +
                                         "': the model does not know it, "
                                         "expected one of its " +
                                         std::to_string(about.items.size()));
      }
      out.push_back(events::ItemId{*id});
    }
  }
  if (!typed.items.empty()) return out;
  for (const auto& best :
       tasks::next_items(engine, customer.past.view(), typed.who.filter(),
                         static_cast<std::size_t>(typed.who.k))) {
    out.push_back(events::ItemId{best.item});
  }
  return out;
}

int run_task(Typed typed, const Settings& settings) {
  typed.options();  // says what is out of range
  WhyQuestion& about = typed.about;
  about.task = typed.task;
  about.model = typed.who.model == CustomerOptions().model
                    ? task_model_path(typed.task).string()
                    : typed.who.model;
  about.users = typed.who.users;
  about.max_events = static_cast<std::size_t>(typed.max_events);
  about.shown = static_cast<std::size_t>(typed.shown);
  about.json = typed.json;
  const TaskCommand& command = command_to_predict(about);
  if (command.explain == nullptr) {
    invalid("explain " + typed.task + ": its answer says why: ensue predict " +
            typed.task);
  }
  return command.explain(about, settings);
}

// An item's reasons, for a page.
ReasonsSection section_of(const Customer& customer,
                          const artifact::Description& about,
                          const explain::Explanation& why) {
  const auto named = [&](std::size_t item) {
    const std::string title = tasks::title_of(about, item);
    return title.empty() ? std::string(about.items.name(item)) : title;
  };
  ReasonsSection out{customer.name + ": " + named(events::index(why.item)),
                     "score " + fixed(why.after_all.logit, 2) +
                         ", without any history " +
                         fixed(why.after_none.logit, 2),
                     {{"what each event moves", {}}}};
  for (const explain::Effect& effect : why.effects) {
    out.charts[0].rows.push_back(
        {named(events::index(customer.past.items[effect.event])),
         event_text(customer, about, effect.event), effect.moved.logit});
  }
  return out;
}

// Taking the events that reasons name first from the best answer's score.
void print_faithfulness(const runtime::Engine& engine,
                        const std::vector<Customer>& customers,
                        const Typed& typed) {
  explain::FaithfulnessCheck check;
  for (const Customer& customer : customers) {
    const auto item = items_of(engine, customer, typed).front();
    std::vector<float> scores(engine.items());
    const explain::HistoryScore score = [&](const events::History& history) {
      engine.score(engine.encode(history), scores);
      return static_cast<double>(scores[events::index(item)]);
    };
    const events::History past = customer.past.view();
    check.add(score, past,
              explain::leave_events_out(
                  score, past, static_cast<std::size_t>(typed.max_events)));
  }
  const explain::Faithfulness found = check.result();
  std::printf(
      "faithful? of %zu customers with more than 3 events, taking the 3 that "
      "reasons name first moves the best item's score by %.3f, 3 random ones "
      "by %.3f: %.1f times as much\n",
      found.histories, found.top, found.random, found.ratio());
}

int run(const Typed& typed, const Settings& settings) {
  if (typed.task != "next_item") return run_task(typed, settings);
  refuse_rows(typed.about);
  typed.who.check();
  const auto options = typed.options();
  const auto engine = runtime::Engine::load(typed.who.model);
  const auto& about = engine->artifact().description();
  const auto customers = find_customers(typed.who, settings, *engine);
  std::vector<ReasonsSection> sections;
  for (const Customer& c : customers) {
    const auto items = items_of(*engine, c, typed);
    const auto whys =
        explain::leave_one_out(*engine, c.past.view(), items, options);
    if (!typed.json) {
      std::printf("%s  (%zu events)\n",
                  styled(Style::kBold, clip(c.name, 60)).c_str(),
                  c.past.items.size());
      if (!c.note.empty()) std::printf("  %s\n", c.note.c_str());
    }
    for (const explain::Explanation& why : whys) {
      const std::string text =
          typed.json ? to_text(to_json(c, about, why))
                     : explanation_text(c, about, why,
                                        static_cast<std::size_t>(typed.shown));
      std::printf("%s\n", text.c_str());
      sections.push_back(section_of(c, about, why));
    }
  }
  if (typed.about.faithful > 0) print_faithfulness(*engine, customers, typed);
  if (!typed.about.plot.empty()) {
    write_file(typed.about.plot, reasons_page("why these items", sections));
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("TASK", typed->task, "next_item, or a question of a model")
      ->capture_default_str();
  typed->who.k = 1;
  typed->who.add(app);
  app.add_option("-i,--item", typed->items,
                 "items to explain: item,item,…; none: the k best answers");
  app.add_option("--max-events", typed->max_events,
                 "latest events of a customer that are looked at")
      ->capture_default_str();
  app.add_option("--shown", typed->shown, "strongest reasons shown")
      ->capture_default_str();
  app.add_option("--by", typed->by,
                 "what the strongest moved most: score or probability")
      ->capture_default_str();
  app.add_flag("--json", typed->json, "one JSON object per item or customer");
  app.add_option("--plot", typed->about.plot, "an HTML page with pictures");
  app.add_option("--rows", typed->about.rows,
                 "of a task about rows: the file that holds them");
  app.add_option("--row", typed->about.row,
                 "which of them, counted from 1; again for more");
  app.add_option("--class", typed->about.of_class,
                 "of an answer that is a class: whose score is explained");
  app.add_option("--at", typed->about.at,
                 "of a question about customers: as of when, ISO 8601");
  app.add_option("--rules", typed->about.rules,
                 "of a question about customers or rows: a tree of rules "
                 "that imitates the model, so deep")
      ->check(CLI::Range(1, 4));
  app.add_option("--faithful", typed->about.faithful,
                 "check reasons: do the events that they name first matter "
                 "more than others? On so many customers (of next_item: on "
                 "those named)");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb explain_verb() {
  return {"explain", "why: events, features and rules behind an answer",
          "ensue explain --user 17850 --item 22423", add};
}

}  // namespace ensue::apps
