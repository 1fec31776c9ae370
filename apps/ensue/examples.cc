// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/examples.h"

#include <algorithm>
#include <set>
#include <string>

#include "apps/ensue/terminal.h"
#include "ensue/base/rng.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kAnswers = 5, kShown = 6;

const events::Column* title_column(const events::Table& table) {
  for (const char* name : {"title", "name", "description"}) {
    if (const auto* found = table.find(name)) return found;
  }
  return nullptr;
}

std::string show(const events::Log& log, events::ItemId item) {
  if (item == events::kNoItem) return "-";
  const auto* titles = title_column(log.item_table());
  const std::string title =
      titles == nullptr ? "" : titles->show(events::index(item));
  return title.empty() ? std::string(log.item_names().name(events::index(item)))
                       : title;
}

std::vector<std::string> show(const events::Log& log,
                              const events::History& history) {
  std::vector<std::string> out;
  for (const events::ItemId item : history.items) {
    out.push_back(clip(show(log, item), 60));
  }
  return out;
}

Example example(const events::Log& log, const judge::Split& split,
                const judge::Query& query, const runtime::Engine& engine) {
  const events::History all = log.history(query.user);
  const events::History past = all.first(query.history);
  const events::History came =
      all.slice(query.targets.begin, query.targets.end);
  const auto seen = runtime::Translation(log, engine).translate(past);
  tasks::FilterOptions filter;
  filter.exclude_seen = split.remove_seen;

  Example out;
  out.user = log.user_names().name(events::index(query.user));
  out.history = show(log, past.last(std::min(past.size(), kShown)));
  out.targets = show(log, came.first(std::min(came.size(), kShown)));
  if (came.size() > kShown) {
    out.targets.push_back("and " + std::to_string(came.size() - kShown) +
                          " more");
  }
  std::set<std::string_view> taken;
  for (const events::ItemId item : came.items) {
    if (item != events::kNoItem) {
      taken.insert(log.item_names().name(events::index(item)));
    }
  }
  for (const auto& best :
       tasks::next_items(engine, seen.view(), filter, kAnswers)) {
    out.answers.push_back(
        {clip(best.title.empty() ? best.name : best.title, 60),
         best.probability, taken.contains(best.name)});
  }
  return out;
}

bool one_line(std::string_view name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) < 0x20;
  });
}

}  // namespace

std::vector<Example> pick_examples(const events::Log& log,
                                   const judge::Split& split,
                                   const runtime::Engine& engine,
                                   std::size_t count) {
  std::vector<std::size_t> order(split.test.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Rng rng(/*seed=*/1);
  shuffle(order, rng);
  std::vector<Example> out;
  std::set<events::UserId> users;
  for (const std::size_t i : order) {
    if (out.size() == count) break;
    const judge::Query& query = split.test[i];
    const auto name = log.user_names().name(events::index(query.user));
    if (query.history == 0 || !one_line(name)) continue;
    if (!users.insert(query.user).second) continue;
    out.push_back(example(log, split, query, engine));
  }
  return out;
}

}  // namespace ensue::apps
