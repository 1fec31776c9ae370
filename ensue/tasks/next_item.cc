// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/next_item.h"

#include <algorithm>
#include <cmath>

#include "ensue/base/log_sum_exp.h"
#include "ensue/runtime/top_k.h"

namespace ensue::tasks {
namespace {

const events::Column* title_column(const events::Table& table) {
  for (const char* name : {"title", "name", "description"}) {
    const events::Column* found = table.find(name);
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

std::string title_in(const events::Table& items, std::size_t item) {
  const events::Column* titles = title_column(items);
  return titles == nullptr || item >= titles->size() ? "" : titles->show(item);
}

std::string title_of(const artifact::Description& about, std::size_t item) {
  return title_in(about.item_table, item);
}

std::vector<Recommendation> next_items(const runtime::Engine& engine,
                                       const events::History& history,
                                       const FilterOptions& filter,
                                       std::size_t k) {
  const auto& about = engine.artifact().description();
  const auto allowed = allowed_items(engine.artifact(), filter, history);
  std::vector<float> scores(engine.items());
  engine.score(engine.encode(history), scores);
  const double normaliser = log_sum_exp(scores);

  std::vector<Recommendation> out;
  for (const runtime::Scored& best : runtime::top_k(scores, k, allowed)) {
    out.push_back({.item = best.item,
                   .name = std::string(about.items.name(best.item)),
                   .title = title_of(about, best.item),
                   .score = best.score,
                   .probability = std::exp(best.score - normaliser)});
  }
  return out;
}

}  // namespace ensue::tasks
