// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/endpoints/gorse_lists.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "ensue/base/time_text.h"
#include "ensue/serve/endpoints/gorse.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

JsonObject document_of(Service& service, std::string_view item) {
  const auto text = service.store().document(store::Kind::kItem, item);
  const Json parsed = parse_json(text.value_or("{}"), "item");
  return parsed.is_object() ? parsed.get_object() : JsonObject();
}

// What is known of an item, from its model and from what was said of it.
JsonObject columns_of(Service& service, std::string_view item) {
  for (const auto& entry : service.models().all()) {
    const auto known = entry.model->item(item);
    if (known) return entry.model->catalogue().describe(*known);
  }
  return document_of(service, item);
}

bool is_in(const JsonObject& columns, const std::string& category) {
  const Json* found = field(columns, "category");
  if (found == nullptr) return false;
  const Json wanted(category);
  if (!found->is_array()) return *found == wanted;
  return std::ranges::find(found->get_array(), wanted) !=
         found->get_array().end();
}

bool may_show(const JsonObject& columns,
              std::span<const std::string> categories) {
  const Json* hidden = field(columns, "hidden");
  if (hidden != nullptr && *hidden == Json(true)) return false;
  const Json* stock = field(columns, "stock");
  if (stock != nullptr && stock->is_number() &&
      !(stock->to_number<double>() > 0)) {
    return false;
  }
  return std::ranges::all_of(
      categories, [&](const auto& one) { return is_in(columns, one); });
}

void keep_best(std::vector<Ranked>& all, std::size_t n) {
  n = std::min(n, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(n),
                            [](const Ranked& a, const Ranked& b) {
                              return a.score != b.score ? a.score > b.score
                                                        : a.id < b.id;
                            });
  all.resize(n);
}

// The first `n` of a list of Popular that pass; asks for more while too few do.
template <class Pass>
std::vector<Ranked> first_of(const Popular& popular, std::size_t n,
                             bool by_first, Pass&& pass) {
  for (std::size_t asked = 2 * n + 50;; asked *= 4) {
    const auto top = popular.top(asked, by_first);
    std::vector<Ranked> out;
    for (const Popular::Item& item : top) {
      if (out.size() == n) break;
      if (!pass(item.name)) continue;
      out.push_back(
          {item.name, by_first ? static_cast<double>(count(item.first)) / 1000
                               : item.score});
    }
    if (out.size() == n || top.size() < asked) return out;
  }
}

std::unordered_set<std::string> items_of(Service& service,
                                         const std::string& user) {
  std::unordered_set<std::string> out;
  for (const store::Event& event : service.store().user(user).events) {
    if (!event.item.empty()) out.insert(event.item);
  }
  return out;
}

}  // namespace

std::vector<Ranked> popular_items(Service& service, std::size_t n,
                                  std::span<const std::string> categories) {
  return first_of(service.popular(), n, /*by_first=*/false,
                  [&](const std::string& item) {
                    return may_show(columns_of(service, item), categories);
                  });
}

std::vector<Ranked> latest_items(Service& service, std::size_t n,
                                 std::span<const std::string> categories) {
  std::vector<Ranked> dated;
  std::string cursor;
  while (true) {
    const auto page =
        service.store().documents(store::Kind::kItem, cursor, 1000);
    if (page.empty()) break;
    cursor = page.back().id;
    for (const store::Document& document : page) {
      const Json parsed = parse_json(document.json, "item");
      if (!parsed.is_object()) continue;
      const JsonObject& said = parsed.get_object();
      const Json* time = field(said, "time");
      const auto* text = time == nullptr ? nullptr : time->if_string();
      const auto millis =
          text == nullptr
              ? std::nullopt
              : read_iso(std::string_view(text->data(), text->size()));
      if (!millis || !may_show(columns_of(service, document.id), categories)) {
        continue;
      }
      dated.push_back({document.id, static_cast<double>(*millis) / 1000});
    }
    keep_best(dated, n);
  }
  auto out = first_of(service.popular(), n, /*by_first=*/true,
                      [&](const std::string& item) {
                        return !document_of(service, item).contains("time") &&
                               may_show(columns_of(service, item), categories);
                      });
  out.insert(out.end(), dated.begin(), dated.end());
  keep_best(out, n);
  return out;
}

std::vector<Ranked> similar_users(Service& service, const std::string& user,
                                  std::size_t n) {
  const auto own = items_of(service, user);
  std::vector<Ranked> out;
  std::string cursor;
  std::size_t met = 0;
  do {
    const auto page = service.store().users(cursor, 1000);
    for (const std::string& other : page.names) {
      if (other == user || own.empty()) continue;
      const auto items = items_of(service, other);
      const auto common = static_cast<double>(std::ranges::count_if(
          items, [&](const auto& item) { return own.contains(item); }));
      if (common == 0) continue;
      out.push_back({other, common / std::sqrt(static_cast<double>(
                                         own.size() * items.size()))});
    }
    cursor = page.cursor;
    met += page.names.size();
  } while (!cursor.empty() && met < kMostUsers);
  keep_best(out, n);
  return out;
}

}  // namespace ensue::serve
