// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/search.h"

#include <algorithm>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/runtime/search_words.h"
#include "ensue/tasks/next_item.h"

namespace ensue::tasks {

JsonObject to_json(const FoundItem& found) {
  JsonObject why;
  for (std::size_t s = 0; s < found.parts.size(); ++s) {
    if (found.parts[s] != 0) why[runtime::kSearchSignals[s]] = found.parts[s];
  }
  JsonObject out{{"item", found.name}};
  if (!found.title.empty()) out["title"] = found.title;
  out["score"] = found.score;
  out["probability"] = found.probability;
  out["why"] = std::move(why);
  return out;
}

bool SearchModel::is_one(const artifact::Description& about) {
  return about.model.name == "search";
}

SearchModel::SearchModel(std::shared_ptr<const artifact::Artifact> artifact)
    : search_(std::move(artifact)) {}

bool SearchModel::learnt_from_queries() const {
  const Json* query = about().training.if_contains("query");
  return query != nullptr && query->is_string() && !query->as_string().empty();
}

std::vector<FoundItem> SearchModel::find(
    std::string_view query, const events::History& history, events::Millis at,
    std::size_t k, std::span<const std::uint8_t> allowed,
    const runtime::SearchAdditions* additions) const {
  if (runtime::search_words(query).empty()) {
    invalid("query: '" + std::string(query.substr(0, 60)) +
            "', expected at least one word");
  }
  const auto known = static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, at) - history.times.begin());
  std::vector<FoundItem> out;
  for (const runtime::SearchHit& hit :
       search_.top({.query = query,
       .history = history.first(known),
       .allowed = allowed,
       .additions = additions},
                   k, runtime::SearchRanking::kBlend)) {
    const bool added = hit.item >= search_.items();
    out.push_back({.item = hit.item,
                   .name = added ? additions->id(hit.item - search_.items())
                                 : std::string(about().items.name(hit.item)),
                   .title = added ? "" : title_of(about(), hit.item),
                   .score = hit.score,
                   .probability = hit.probability,
                   .parts = hit.parts});
  }
  return out;
}

}  // namespace ensue::tasks
