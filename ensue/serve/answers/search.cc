// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/answers/search.h"

#include <algorithm>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/search_words.h"
#include "ensue/runtime/top_k.h"
#include "ensue/serve/answers/customer.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

constexpr std::int64_t kMostItems = 1000;

bool has(const Bits& bits, std::size_t item) {
  return item / 64 < bits.size() && (bits[item / 64] >> (item % 64) & 1) != 0;
}

// What a document says in columns that are searched.
std::string text_of(const JsonObject& document,
                    const std::vector<std::string>& columns) {
  std::string out;
  for (const std::string& name : columns) {
    const Json* cell = document.if_contains(name);
    if (cell != nullptr && cell->is_string()) {
      out += std::string(cell->as_string()) + "\n";
    }
  }
  return out;
}

// Those strictly before now.
std::vector<store::Event> past_of(Service& service, const std::string& user,
                                  events::Millis now) {
  if (user.empty()) return {};
  auto out = service.store().user(user).events;
  std::erase_if(out, [&](const store::Event& e) { return e.time >= now; });
  return out;
}

}  // namespace

struct SearchAnswers::Asked {
  std::string query, user;
  std::int64_t k = 10;
  bool exclude_seen = false, listed = false;
  std::vector<std::string> exclude, items, only;
  std::vector<tasks::Condition> conditions;

  explicit Asked(const JsonObject& body) : listed(body.contains("items")) {
    read_fields(*this, body, "body");
    if (query.empty()) invalid("body.query: missing");
    if (k < 1 || k > kMostItems) {
      invalid("body.k: " + std::to_string(k) + ", expected 1 to " +
              std::to_string(kMostItems));
    }
    for (const std::string& text : only) {
      conditions.push_back(tasks::Condition::parse(text));
    }
  }
  void visit(auto&& field) {
    field("query", query, "what was typed");
    field("user", user, "whose events count");
    field("k", k, "items wanted");
    field("exclude_seen", exclude_seen, "none of the user's own items");
    field("exclude", exclude, "items not wanted");
    field("items", items, "only these");
    field("only", only, "conditions such as category=Mugs");
  }
};

SearchAnswers::SearchAnswers(std::shared_ptr<const artifact::Artifact> artifact)
    : model_(std::move(artifact)),
      catalogue_(std::make_unique<Catalogue>(model_.artifact())),
      additions_(model_.search()) {}

void SearchAnswers::set_item(const std::string& id,
                             const JsonObject* document) const {
  const std::unique_lock lock(mutex_);
  const bool known = model_.about().items.find(id).has_value();
  if (document == nullptr) {
    if (const auto item = place_of(id)) catalogue_->forget(*item);
    if (!known) additions_.erase(id);
    return;
  }
  if (!known) {
    additions_.set(id, text_of(*document, model_.search().text_columns()));
  }
  catalogue_->set(*place_of(id), *document);
}

std::optional<std::uint32_t> SearchAnswers::place_of(
    std::string_view id) const {
  const events::Vocabulary& names = model_.about().items;
  if (const auto item = names.find(id)) return item;
  const auto place = additions_.find(id);
  if (!place) return std::nullopt;
  return static_cast<std::uint32_t>(names.size() + *place);
}

std::vector<std::uint8_t> SearchAnswers::allowed(
    const Asked& asked, std::span<const store::Event> past) const {
  const auto shown = catalogue_->allowed(asked.conditions);
  if (shown == nullptr && !asked.listed && !asked.exclude_seen &&
      asked.exclude.empty()) {
    return {};
  }
  std::vector<std::uint8_t> out(model_.about().items.size() + additions_.size(),
                                asked.listed ? 0 : 1);
  const auto set = [&](std::string_view name, std::uint8_t value) {
    if (const auto item = place_of(name)) out[*item] = value;
  };
  for (const std::string& name : asked.items) set(name, 1);
  for (const std::string& name : asked.exclude) set(name, 0);
  for (std::size_t i = 0; shown != nullptr && i < out.size(); ++i) {
    if (!has(*shown, i)) out[i] = 0;
  }
  if (!asked.exclude_seen) return out;
  for (const store::Event& event : past) set(event.item, 0);
  return out;
}

JsonObject SearchAnswers::answer(Service& service,
                                 const JsonObject& body) const {
  const Asked asked(body);
  const events::Millis now = service.now();
  const auto stored = past_of(service, asked.user, now);
  const auto past = customer_events(model_.about(), stored);
  store::Answer kept{
      .id = {}, .user = asked.user, .model = task(), .time = now};
  JsonArray items;
  const std::shared_lock lock(mutex_);
  for (const tasks::FoundItem& found : model_.find(
           asked.query, past.view(), now, static_cast<std::size_t>(asked.k),
           allowed(asked, stored), &additions_)) {
    JsonObject one = to_json(found);
    const std::string title = catalogue_->title(found.item);
    if (!title.empty()) one["title"] = title;
    items.push_back(std::move(one));
    kept.items.push_back({found.name, static_cast<float>(found.score), 1});
  }
  JsonObject out{{"answer_id", service.keep_answer(std::move(kept))},
                 {"task", task()},
                 {"query", asked.query}};
  if (!asked.user.empty()) out["user"] = asked.user;
  out["time"] = events::count(now);
  out["known_events"] = stored.size();
  out["matched"] =
      model_.matches(asked.query) ||
      std::ranges::any_of(runtime::search_words(asked.query),
                          [&](const auto& w) { return additions_.knows(w); });
  out["items"] = std::move(items);
  return out;
}

TaskModelKind search_kind() {
  return {"a search", tasks::SearchModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<SearchAnswers>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
