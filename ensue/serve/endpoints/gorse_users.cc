// SPDX-License-Identifier: Apache-2.0
// /api/user: what is said of users, in Gorse's words.
#include "ensue/serve/endpoints/gorse.h"
#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/gorse.h"

namespace ensue::serve {
namespace {

// The row of a user whose document is `json`.
JsonObject user_row(const std::string& user,
                    const std::optional<std::string>& json) {
  const Json parsed = parse_json(json.value_or("{}"), "user");
  JsonObject out{{"UserId", user}, {"Labels", nullptr}, {"Comment", ""}};
  const JsonObject* document = parsed.if_object();
  if (document == nullptr) return out;
  if (const Json* labels = field(*document, "labels")) out["Labels"] = *labels;
  if (const Json* comment = field(*document, "comment")) {
    out["Comment"] = *comment;
  }
  return out;
}

// One row or a list of them; fields that a row leaves out are emptied.
Response insert(Service& service, const Request& request) {
  Documents documents;
  std::size_t rows = 0;
  each_row(request.body, [&](const Row& row) {
    JsonObject& document = documents.of(row.id(row.object(), "UserId"));
    document["labels"] = nullptr;
    document["comment"] = nullptr;
    gorse_user(row, row.object(), document);
    ++rows;
  });
  service.put_users(documents.take());
  return row_affected(rows);
}

Response patch(Service& service, const Request& request) {
  Documents documents;
  each_row(request.body, [&](const Row& row) {
    gorse_user(row, row.object(), documents.of(request.in_path("user")));
  });
  service.put_users(documents.take());
  return row_affected(1);
}

Response get(Service& service, const Request& request) {
  const std::string& user = request.in_path("user");
  const auto document = service.store().document(store::Kind::kUser, user);
  if (!document && service.store().version(user) == 0) {
    return gorse_missing("user");
  }
  return Response::json(user_row(user, document));
}

Response drop(Service& service, const Request& request) {
  return row_affected(service.erase_user(request.in_path("user")) ? 1 : 0);
}

Response list(Service& service, const Request& request) {
  const auto page = service.store().users(
      Place::read(gorse_cursor(request)).users,
      std::max<std::size_t>(1, gorse_count(request, "n", 10)));
  JsonArray users;
  for (const std::string& user : page.names) {
    users.push_back(
        user_row(user, service.store().document(store::Kind::kUser, user)));
  }
  return Response::json(JsonObject{
      {"Cursor", page.cursor.empty() ? "" : Place{page.cursor, 0}.text()},
      {"Users", std::move(users)}});
}

}  // namespace

std::vector<Endpoint> gorse_user_routes() {
  using enum Method;
  constexpr std::string_view kUser =
      R"({"UserId":"ann","Labels":["gold"],"Comment":""})";
  std::vector<Endpoint> out = {
      gorse_endpoint<"/api/user", insert>(kPost, Scope::kIngest,
                                          "Say what is known of a user."),
      gorse_endpoint<"/api/users", insert>(kPost, Scope::kIngest,
                                           "Say what is known of users."),
      gorse_endpoint<"/api/user/{user}", get>(kGet, Scope::kRead,
                                              "What is known of a user."),
      gorse_endpoint<"/api/user/{user}", patch>(
          kPatch, Scope::kIngest, "Set the fields that are given."),
      gorse_endpoint<"/api/user/{user}", drop>(
          kDelete, Scope::kAdmin,
          "Erase a user with all feedback, from every file."),
      gorse_endpoint<"/api/users", list>(kGet, Scope::kRead,
                                         "All users, page by page."),
  };
  out[0].body_example = out[2].answer_example = kUser;
  out[1].body_example = R"([{"UserId":"ann","Labels":["gold"],"Comment":""}])";
  out[3].body_example = R"({"Comment":"back again"})";
  for (const std::size_t i : {0, 1, 3, 4}) {
    out[i].answer_example = R"({"RowAffected":1})";
  }
  out[4].slow = true;
  return out;
}

}  // namespace ensue::serve
