// SPDX-License-Identifier: Apache-2.0
// /v1/items: what is known of items, new ones among them.
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/formats/documents.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

Response put(Service& service, const Request& request) {
  const auto documents = parse_documents(request.body, "item");
  const auto took = service.put_items(documents);
  JsonArray answerable, by_popularity;
  for (const store::Document& document : documents) {
    bool known = false;
    for (const auto& entry : service.models().all()) {
      known = known || entry.model->item(document.id).has_value();
    }
    (known ? answerable : by_popularity).emplace_back(document.id);
  }
  JsonArray grown(took.begin(), took.end());
  return Response::json(JsonObject{{"stored", documents.size()},
                                   {"answered_by_model", answerable},
                                   {"answered_by_popularity", by_popularity},
                                   {"models_grown", grown}});
}

Response get(Service& service, const Request& request) {
  const std::string& id = request.in_path("item");
  JsonArray models;
  JsonObject columns;
  for (const auto& entry : service.models().all()) {
    const auto item = entry.model->item(id);
    if (!item) continue;
    models.emplace_back(entry.model->name());
    if (columns.empty()) columns = entry.model->catalogue().describe(*item);
  }
  const auto document = service.store().document(store::Kind::kItem, id);
  if (models.empty() && !document) {
    return error_response(404, "no model and no document knows this item");
  }
  if (document) {
    const Json said = parse_json(*document, "item");
    if (said.is_object()) {
      for (const auto& member : said.as_object()) {
        columns[member.key()] = member.value();
      }
    }
  }
  return Response::json(
      JsonObject{{"item", id},
                 {"columns", std::move(columns)},
                 {"models", std::move(models)},
                 {"popularity", service.popular().count(id)}});
}

Response drop(Service& service, const Request& request) {
  const std::string& id = request.in_path("item");
  const bool there =
      service.store().document(store::Kind::kItem, id).has_value();
  service.drop_item(id);
  return Response::json(JsonObject{{"dropped", there}}, there ? 200 : 404);
}

Response list(Service& service, const Request& request) {
  const std::string* cursor = request.in_query("cursor");
  const auto n = static_cast<std::size_t>(request.number("n", 100, 1, 10'000));
  const auto page = service.store().documents(
      store::Kind::kItem, cursor == nullptr ? "" : *cursor, n);
  JsonArray items;
  for (const store::Document& document : page) {
    items.push_back(JsonObject{{"item", document.id},
                               {"columns", parse_json(document.json, "item")}});
  }
  return Response::json(
      JsonObject{{"items", std::move(items)},
                 {"cursor", page.size() < n ? "" : page.back().id}});
}

}  // namespace

Endpoint put_items() {
  return {.method = Method::kPost,
          .path = "/v1/items",
          .scope = Scope::kIngest,
          .group = "v1",
          .summary =
              "Say what is known of items: one object or an array; fields that "
              "are not named stay, null takes one away. \"hidden\": true and "
              " \"stock\": 0 keep an item from being shown. An item that "
              "a model with content inputs does not know is answered from then "
              "on; other models answer it by popularity, and say so.",
          .body_example =
              R"([{"item":"mug-new","category":"Mugs","price":9.5,"stock":3}])",
          .answer_example =
              R"({"stored":1,"answered_by_model":[],)"
              R"("answered_by_popularity":["mug-new"],"models_grown":[]})",
          .handle = put,
          .slow = true};
}

Endpoint get_item() {
  return {.method = Method::kGet,
          .path = "/v1/items/{item}",
          .scope = Scope::kRead,
          .group = "v1",
          .summary = "What is known of an item, and which models know it.",
          .parameters = {{"item", "path", "string", "the item", "mug-new"}},
          .answer_example =
              R"({"item":"mug-new","columns":{"price":9.5},"models":[],)"
              R"("popularity":0})",
          .handle = get};
}

Endpoint delete_item() {
  return {.method = Method::kDelete,
          .path = "/v1/items/{item}",
          .scope = Scope::kIngest,
          .group = "v1",
          .summary =
              "Forget what was said of an item; a model that knows it "
              "goes on showing it (say \"hidden\": true for that).",
          .parameters = {{"item", "path", "string", "the item", "mug-new"}},
          .answer_example = R"({"dropped":true})",
          .handle = drop};
}

Endpoint list_items() {
  return {.method = Method::kGet,
          .path = "/v1/items",
          .scope = Scope::kRead,
          .group = "v1",
          .summary = "What was said of items, by rising name.",
          .parameters = {{"n", "query", "integer", "how many", "100"},
                         {"cursor", "query", "string",
                          "of the answer before, to go on"}},
          .answer_example =
              R"({"items":[{"item":"mug-new","columns":{"stock":3}}],)"
              R"("cursor":""})",
          .handle = list};
}

}  // namespace ensue::serve
