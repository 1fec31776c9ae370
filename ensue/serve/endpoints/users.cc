// SPDX-License-Identifier: Apache-2.0
// /v1/users/{user}: what is known of somebody, and its erasure.
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/event_json.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

Response get(Service& service, const Request& request) {
  const std::string& user = request.in_path("user");
  const auto n = static_cast<std::size_t>(request.number("n", 100, 0, 100'000));
  const auto stored = service.store().user(user);
  const auto document = service.store().document(store::Kind::kUser, user);
  if (stored.events.empty() && !document) {
    return error_response(404, "nothing is stored of this user");
  }
  JsonArray history;
  const std::size_t first =
      stored.events.size() - std::min(n, stored.events.size());
  for (std::size_t i = first; i < stored.events.size(); ++i) {
    history.push_back(event_json(stored.events[i]));
  }
  JsonObject out{{"user", user}, {"events", stored.events.size()}};
  if (!stored.events.empty()) {
    const auto last = events::count(stored.events.back().time);
    out["last_event_ms"] = last;
    out["state_age_seconds"] =
        static_cast<double>(events::count(service.now()) - last) / 1000;
  }
  if (!service.models().all().empty()) {
    const auto model = service.models().choose(user);
    out["model"] = model->name();
    out["known_events"] = model->translate(stored.events).size();
  }
  if (document) out["document"] = parse_json(*document, "user");
  out["history"] = std::move(history);
  return Response::json(out);
}

Response erase(Service& service, const Request& request) {
  const bool there = service.erase_user(request.in_path("user"));
  return Response::json(JsonObject{{"erased", there}}, there ? 200 : 404);
}

}  // namespace

Endpoint get_user() {
  return {.method = Method::kGet,
          .path = "/v1/users/{user}",
          .scope = Scope::kRead,
          .group = "v1",
          .summary =
              "What is stored of a user: the latest events, their number "
              "and the age of the last.",
          .parameters = {{"user", "path", "string", "the user", "ann"},
                         {"n", "query", "integer", "events to list", "100"}},
          .answer_example =
              R"({"user":"ann","events":1,"last_event_ms":1772359200000,)"
              R"("state_age_seconds":12.5,"model":"main","known_events":1,)"
              R"("history":[{"time":1772359200000,"action":"view",)"
              R"("item":"mug-blue"}]})",
          .handle = get};
}

Endpoint delete_user() {
  return {.method = Method::kDelete,
          .path = "/v1/users/{user}",
          .scope = Scope::kAdmin,
          .group = "v1",
          .summary =
              "Erase a user: events, answers and documents, from every "
              "file. Takes as long as the store needs to rewrite them.",
          .parameters = {{"user", "path", "string", "the user", "ann"}},
          .answer_example = R"({"erased":true})",
          .handle = erase,
          .slow = true};
}

}  // namespace ensue::serve
