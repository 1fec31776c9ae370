// SPDX-License-Identifier: Apache-2.0
// ensue explain: which past events moved an item's score.
#include <cstdio>
#include <memory>
#include <string>

#include "apps/ensue/customer.h"
#include "apps/ensue/explain_text.h"
#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "ensue/base/error.h"
#include "ensue/data/options.h"
#include "ensue/explain/leave_one_out.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

struct Typed {
  CustomerOptions who;
  std::vector<std::string> items;
  int max_events = 200, rows = 10;
  std::string by = "score";
  bool json = false;

  explain::LeaveOneOutOptions options() const {
    if (max_events < 1) {
      invalid("max-events: " + std::to_string(max_events) +
              ", expected 1 or more");
    }
    if (rows < 1) {
      invalid("rows: " + std::to_string(rows) + ", expected 1 or more");
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

int run(const Typed& typed, const Settings& settings) {
  typed.who.check();
  const auto options = typed.options();
  const auto engine = runtime::Engine::load(typed.who.model);
  const auto& about = engine->artifact().description();
  for (const Customer& c : find_customers(typed.who, settings, *engine)) {
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
                                        static_cast<std::size_t>(typed.rows));
      std::printf("%s\n", text.c_str());
    }
  }
  return 0;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  typed->who.k = 1;
  typed->who.add(app);
  app.add_option("-i,--item", typed->items,
                 "items to explain: item,item,…; none: the k best answers");
  app.add_option("--max-events", typed->max_events,
                 "latest events of a customer that are looked at")
      ->capture_default_str();
  app.add_option("--rows", typed->rows, "strongest events shown")
      ->capture_default_str();
  app.add_option("--by", typed->by,
                 "what the strongest moved most: score or probability")
      ->capture_default_str();
  app.add_flag("--json", typed->json, "one JSON object per item");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb explain_verb() {
  return {"explain", "which past events moved an item's score",
          "ensue explain --user 17850 --item 22423", add};
}

}  // namespace ensue::apps
