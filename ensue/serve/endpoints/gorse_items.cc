// SPDX-License-Identifier: Apache-2.0
// /api/item: what is said of items, in Gorse's words.
#include "ensue/serve/endpoints/gorse.h"
#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/gorse.h"

namespace ensue::serve {
namespace {

// The categories of a document: a list, or the one text of other doors.
JsonArray categories_of(const JsonObject& document) {
  const Json* found = field(document, "category");
  if (found == nullptr) return {};
  if (found->is_array()) return found->get_array();
  return {*found};
}

JsonObject item_row(const std::string& item, const std::string& json) {
  const Json parsed = parse_json(json, "item");
  static const JsonObject none;
  const JsonObject* said = parsed.if_object();
  const JsonObject& document = said == nullptr ? none : *said;
  const auto of = [&](std::string_view name, const Json& otherwise) {
    const Json* found = field(document, name);
    return found == nullptr ? otherwise : *found;
  };
  return {{"ItemId", item},
          {"IsHidden", of("hidden", false)},
          {"Categories", categories_of(document)},
          {"Timestamp", of("time", "0001-01-01T00:00:00Z")},
          {"Labels", of("labels", nullptr)},
          {"Comment", of("comment", "")}};
}

// One row or a list of them; fields that a row leaves out are emptied.
Response insert(Service& service, const Request& request) {
  Documents documents;
  std::size_t rows = 0;
  each_row(request.body, [&](const Row& row) {
    JsonObject& document = documents.of(row.id(row.object(), "ItemId"));
    for (const char* name :
         {"hidden", "dropped", "category", "time", "labels", "comment"}) {
      document[name] = nullptr;
    }
    gorse_item(row, row.object(), document);
    ++rows;
  });
  service.put_items(documents.take());
  return row_affected(rows);
}

Response patch(Service& service, const Request& request) {
  Documents documents;
  each_row(request.body, [&](const Row& row) {
    gorse_item(row, row.object(), documents.of(request.in_path("item")));
  });
  service.put_items(documents.take());
  return row_affected(1);
}

// What is known of an item; nullopt: it is none, or none any more.
std::optional<std::string> find(Service& service, const std::string& item) {
  auto document = service.store().document(store::Kind::kItem, item);
  if (document && is_dropped(*document)) document.reset();
  return document;
}

Response get(Service& service, const Request& request) {
  const std::string& item = request.in_path("item");
  const auto document = find(service, item);
  return document ? Response::json(item_row(item, *document))
                  : gorse_missing("item");
}

// A model that knows the item must not show it from now on.
Response drop(Service& service, const Request& request) {
  const std::string& item = request.in_path("item");
  const bool there = find(service, item).has_value();
  service.drop_item(item);
  for (const auto& entry : service.models().all()) {
    if (!entry.model->item(item)) continue;
    const store::Document gone{item, R"({"hidden":true,"dropped":true})"};
    service.put_items(std::span(&gone, 1));
    break;
  }
  return row_affected(there ? 1 : 0);
}

Response list(Service& service, const Request& request) {
  const std::size_t n = std::max<std::size_t>(1, gorse_count(request, "n", 10));
  const auto page =
      service.store().documents(store::Kind::kItem, gorse_cursor(request), n);
  JsonArray items;
  for (const store::Document& document : page) {
    if (is_dropped(document.json)) continue;
    items.push_back(item_row(document.id, document.json));
  }
  return Response::json(
      JsonObject{{"Cursor", page.size() < n ? "" : page.back().id},
                 {"Items", std::move(items)}});
}

// With the category, or without it.
Response categorise(Service& service, const Request& request, bool with) {
  const std::string& item = request.in_path("item");
  const std::string& category = request.in_path("category");
  const auto document = find(service, item);
  if (!document) return gorse_missing("item");
  JsonArray kept;
  for (const Json& one :
       categories_of(parse_json(*document, "item").as_object())) {
    if (one != Json(category)) kept.push_back(one);
  }
  if (with) kept.push_back(Json(category));
  const store::Document change{item, to_text(JsonObject{{"category", kept}})};
  service.put_items(std::span(&change, 1));
  return row_affected(1);
}

Response add_category(Service& service, const Request& request) {
  return categorise(service, request, true);
}

Response drop_category(Service& service, const Request& request) {
  return categorise(service, request, false);
}

}  // namespace

std::vector<Endpoint> gorse_item_routes() {
  using enum Method;
  constexpr Scope kWrite = Scope::kIngest, kRead = Scope::kRead;
  constexpr std::string_view kItem =
      R"({"ItemId":"mug-blue","IsHidden":false,"Categories":["Mugs"],)"
      R"("Timestamp":"2026-03-01T10:00:00Z","Labels":{"color":"blue"},)"
      R"("Comment":"A blue mug"})";
  std::vector<Endpoint> out = {
      gorse_endpoint<"/api/item", insert>(kPost, kWrite,
                                          "Say what is known of an item."),
      gorse_endpoint<"/api/items", insert>(kPost, kWrite,
                                           "Say what is known of items."),
      gorse_endpoint<"/api/item/{item}", get>(kGet, kRead,
                                              "What is known of an item."),
      gorse_endpoint<"/api/item/{item}", patch>(
          kPatch, kWrite, "Set the fields that are given."),
      gorse_endpoint<"/api/items", list>(kGet, kRead,
                                         "All items, page by page."),
      gorse_endpoint<"/api/item/{item}/category/{category}", add_category>(
          kPut, kWrite, "Add an item to a category."),
      gorse_endpoint<"/api/item/{item}/category/{category}", drop_category>(
          kDelete, kWrite, "Take an item out of a category."),
      gorse_endpoint<"/api/item/{item}", drop>(
          kDelete, kWrite, "Forget what was said of an item."),
  };
  out[0].body_example = out[2].answer_example = kItem;
  out[1].body_example = R"([{"ItemId":"mug-blue","Categories":["Mugs"]}])";
  out[3].body_example = R"({"IsHidden":true})";
  for (Endpoint& endpoint : out) {
    // A model may have to take the item in.
    endpoint.slow = endpoint.method != kGet;
    if (endpoint.slow) endpoint.answer_example = R"({"RowAffected":1})";
  }
  return out;
}

}  // namespace ensue::serve
