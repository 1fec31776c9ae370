// SPDX-License-Identifier: Apache-2.0
// POST /v1/events: what customers did.
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/formats/format.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

Response handle(Service& service, const Request& request) {
  const std::string* format = request.in_query("format");
  const Incoming incoming = formats()
                                .find(format == nullptr ? "events" : *format)
                                .parse(request.body, service.now());
  const std::size_t most = service.options().max_batch;
  if (incoming.events.size() > most) {
    return error_response(
        413, "body: " + std::to_string(incoming.events.size()) +
                 " events, expected at most " + std::to_string(most));
  }
  std::size_t stored = 0;
  if (!incoming.events.empty()) {
    for (const bool one : service.ingest(incoming.events).stored) stored += one;
  }
  if (!incoming.items.empty()) service.put_items(incoming.items);
  if (!incoming.users.empty()) {
    service.put_users(incoming.users);
  }
  for (const store::Answer& answer : incoming.shown) {
    service.slates().add(answer);
  }
  JsonObject out{{"stored", stored},
                 {"repeated", incoming.events.size() - stored}};
  if (!incoming.items.empty()) out["items"] = incoming.items.size();
  if (!incoming.users.empty()) out["users"] = incoming.users.size();
  if (incoming.skipped > 0) out["skipped"] = incoming.skipped;
  return Response::json(out);
}

}  // namespace

Endpoint post_events() {
  return {
      .method = Method::kPost,
      .path = "/v1/events",
      .scope = Scope::kIngest,
      .group = "v1",
      .summary =
          "Store events: one object, an array, or JSON lines. The reply "
          "means stored; all of them or none.",
      .parameters = {{"format", "query", "string",
                      "events (default), ga4, snowplow, segment, personalize, "
                      "otto, recbole, gorse or metarank",
                      "events"}},
      .body_example =
          R"([{"user":"ann","item":"mug-blue","action":"view"},)"
          R"({"user":"ann","item":"mug-red","action":"purchase",)"
          R"("value":7.5,"time":"2026-03-01T10:00:00Z","event_id":"o-17"}])",
      .answer_example = R"({"stored":2,"repeated":0})",
      .handle = handle};
}

}  // namespace ensue::serve
