// SPDX-License-Identifier: Apache-2.0
// POST /v1/events: what customers did.
#include <algorithm>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/formats/format.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

class TooLarge : public Error {
 public:
  explicit TooLarge(const std::string& message)
      : Error(Code::kInvalidArgument, message) {}
};

// A name that nobody knows is a bad request, not a missing page.
const FormatEntry& format_of(const std::string& name) {
  try {
    return formats().find(name);
  } catch (const Error& error) {
    invalid(error.what());
  }
}

Incoming read(const Service& service, const Request& request) {
  const std::string* format = request.in_query("format");
  Incoming out = format_of(format == nullptr ? "events" : *format)
                     .parse(request.body, service.now());
  const std::size_t most = service.options().max_batch;
  if (out.events.size() > most) {
    throw TooLarge("body: " + std::to_string(out.events.size()) +
                   " events, expected at most " + std::to_string(most));
  }
  return out;
}

// What else a body said, and the answer.
Response finish(Service& service, const Incoming& incoming,
                std::size_t stored) {
  if (!incoming.items.empty()) service.put_items(incoming.items);
  if (!incoming.users.empty()) service.put_users(incoming.users);
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

Response refused(const Error& error) {
  const bool large = dynamic_cast<const TooLarge*>(&error) != nullptr;
  return error_response(large ? 413 : status_of(error.code()), error.what());
}

// Requests that came together are stored by one write, and so by one fsync;
// each is whole or refused by itself.
void handle_batch(Service& service, std::span<Exchange* const> exchanges) {
  std::vector<std::pair<Exchange*, Incoming>> read_ones;
  std::vector<store::Event> events;
  for (Exchange* exchange : exchanges) {
    try {
      read_ones.emplace_back(exchange, read(service, exchange->request));
      const auto& mine = read_ones.back().second.events;
      events.insert(events.end(), mine.begin(), mine.end());
    } catch (const Error& error) {
      exchange->response = refused(error);
    }
  }
  std::vector<bool> stored;
  try {
    if (!events.empty()) stored = service.ingest(events).stored;
  } catch (const Error& error) {
    for (auto& [exchange, incoming] : read_ones) {
      exchange->response = refused(error);
    }
    return;
  }
  auto next = stored.begin();
  for (auto& [exchange, incoming] : read_ones) {
    const auto end = next + static_cast<std::ptrdiff_t>(incoming.events.size());
    try {
      exchange->response =
          finish(service, incoming,
                 static_cast<std::size_t>(std::count(next, end, true)));
    } catch (const Error& error) {
      exchange->response = refused(error);
    }
    next = end;
  }
}

Response handle(Service& service, const Request& request) {
  Exchange one{.request = request};
  Exchange* const all[] = {&one};
  handle_batch(service, all);
  return std::move(one.response);
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
      .handle = handle,
      .handle_batch = handle_batch};
}

}  // namespace ensue::serve
