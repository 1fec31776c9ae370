// SPDX-License-Identifier: Apache-2.0
// Metarank's REST interface (Metarank 0.7): feedback, rank, recommend, health.
//
// {model} is the name that a model was loaded under. A rank request's id is
// that of its answer, so that interactions that name it are joined to it.
// Fields of a request's items are passed over: the models here know items by
// themselves. A rank request of nobody is answered from the items' own merit.
#include "ensue/serve/formats/metarank.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "ensue/serve/endpoints/families.h"
#include "ensue/serve/formats/format.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

class Clock {
 public:
  std::int64_t millis() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now() - since_)
        .count();
  }
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         since_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point since_ =
      std::chrono::steady_clock::now();
};

Response feedback(Service& service, const Request& request) {
  const Clock clock;
  const Incoming in =
      formats().find("metarank").parse(request.body, service.now());
  check_batch(service, in.events.size());
  std::size_t updated = in.items.size() + in.users.size() + in.shown.size();
  if (!in.events.empty()) {
    for (const bool one : service.ingest(in.events).stored) updated += one;
  }
  if (!in.items.empty()) service.put_items(in.items);
  if (!in.users.empty()) service.put_users(in.users);
  for (const store::Answer& answer : in.shown) {
    // What this server ranked is known better than its client says.
    if (!service.slates().knows(answer.user, answer.id)) {
      service.slates().add(answer);
    }
  }
  // Several events of one item are one document.
  const std::size_t accepted = in.rows;
  service.metrics()
      .counter("metarank_feedback_events_total", "Feedback events received")
      .Increment(static_cast<double>(accepted));
  return Response::json(JsonObject{{"accepted", accepted},
                                   {"status", "ok"},
                                   {"tookMillis", clock.millis()},
                                   {"updated", updated}});
}

// The one object of a body.
template <class Read>
void read_one(const Request& request, Read&& read) {
  bool first = true;
  each_row(request.body, [&](const Row& row) {
    if (!first) invalid("body: several values, expected one JSON object");
    first = false;
    read(row);
  });
  if (first) invalid("body: an empty list, expected one JSON object");
}

// Whose history counts: a user's, or nobody's.
void ask_for(Question& question, std::string user) {
  if (user.empty()) question.session.emplace();
  question.user = std::move(user);
}

// Metarank scores every item that it was given, highest first.
std::vector<Shown> complete(std::vector<Shown> items,
                            const std::vector<std::string>& asked) {
  std::unordered_set<std::string_view> there;
  for (const Shown& shown : items) there.insert(shown.item);
  std::vector<Shown> rest;
  for (const std::string& item : asked) {
    if (there.insert(item).second) rest.push_back({.item = item, .title = {}});
  }
  items.insert(items.end(), rest.begin(), rest.end());
  // Those that the model cannot score stand behind it, on a scale of theirs.
  float least = 0;
  bool any = false;
  for (Shown& shown : items) {
    if (any && shown.score > least) shown.score = least;
    least = shown.score;
    any = true;
  }
  return items;
}

JsonArray features_of(Service& service, const LiveModel& model,
                      const Shown& shown) {
  JsonArray out;
  const auto add = [&](std::string_view name, Json value) {
    out.push_back(JsonObject{{"name", name}, {"value", std::move(value)}});
  };
  const auto item = model.item(shown.item);
  add("known_to_model", item.has_value());
  add("popularity", service.popular().count(shown.item));
  if (item) {
    for (const auto& [name, value] : model.catalogue().describe(*item)) {
      if (!value.is_object()) add(name, value);
    }
  }
  return out;
}

Response rank(Service& service, const Request& request) {
  const Clock clock;
  const std::string& model = request.in_path("model");
  Question question;
  question.model = service.models().find(model)->name();
  std::vector<std::string> asked;
  read_one(request, [&](const Row& row) {
    question.answer_id = row.id(row.object(), "id");
    metarank_time(row, row.object(), service.now());
    metarank_fields(row, row.object());
    asked = metarank_items(row, row.object());
    if (asked.empty()) row.refuse(row.object().at("items"), "expected items");
    ask_for(question, metarank_user(row, row.object()));
  });
  question.items = asked;
  question.k = asked.size();
  const auto answered = service.recommend(question);
  const auto items = complete(answered.reply.items, asked);

  const std::string* flag = request.in_query("explain");
  const bool explain = flag != nullptr && (*flag == "true" || flag->empty());
  JsonArray out;
  for (const Shown& shown : items) {
    JsonObject one{{"item", shown.item}, {"score", shortest(shown.score)}};
    if (explain) {
      one["features"] = features_of(service, *answered.reply.model, shown);
    }
    out.push_back(std::move(one));
  }
  service.metrics()
      .counter("metarank_rank_requests_total", "Rank requests",
               {{"model", question.model}})
      .Increment();
  service.metrics()
      .seconds("metarank_rank_latency_seconds", "Time of a rank request",
               {{"model", question.model}})
      .Observe(clock.seconds());
  return Response::json(
      JsonObject{{"took", clock.millis()}, {"items", std::move(out)}});
}

// With items: what goes with them. Else by the user's history.
Response recommend(Service& service, const Request& request) {
  constexpr double kMost = 10'000;
  const Clock clock;
  Question question;
  question.model = service.models().find(request.in_path("model"))->name();
  read_one(request, [&](const Row& row) {
    const Json& count =
        row.required(row.object(), "count", "expected how many items");
    const double k = row.number(count);
    if (!(k >= 1 && k == std::floor(k))) {
      row.refuse(count, "expected a whole number from 1");
    }
    question.k = static_cast<std::size_t>(std::min(k, kMost));
    ask_for(question, metarank_user(row, row.object()));
    const JsonArray& items = row.list_or_none(row.object(), "items");
    if (items.empty()) return;
    question.session.emplace();
    for (const Json& item : items) {
      question.exclude.push_back(row.id(item));
      question.session->push_back({.user = "session",
                                   .item = question.exclude.back(),
                                   .time = service.now()});
    }
  });
  JsonArray out;
  for (const Shown& shown : service.recommend(question).reply.items) {
    out.push_back(
        JsonObject{{"item", shown.item}, {"score", shortest(shown.score)}});
  }
  return Response::json(
      JsonObject{{"took", clock.millis()}, {"items", std::move(out)}});
}

Response health(Service&, const Request&) {
  return Response::json(JsonObject{{"status", "ok"}});
}

Endpoint metarank_endpoint(Method method, std::string_view path, Scope scope,
                           std::string_view summary, Handler handle) {
  return {.method = method,
          .path = path,
          .scope = scope,
          .group = "metarank",
          .summary = summary,
          .parameters = path_parameters(path),
          .handle = handle};
}

}  // namespace

std::vector<Endpoint> metarank_routes() {
  constexpr Method kGet = Method::kGet, kPost = Method::kPost;
  Endpoint feed = metarank_endpoint(
      kPost, "/feedback", Scope::kIngest,
      "Store events: item, user, ranking and interaction.", feedback);
  feed.body_example =
      R"({"event":"interaction","id":"e1","timestamp":"1772359200000",)"
      R"("user":"ann","session":"s1","type":"click","item":"mug-blue",)"
      R"("fields":[]})";
  feed.answer_example =
      R"({"accepted":1,"status":"ok","tookMillis":0,"updated":1})";
  feed.slow = false;

  Endpoint order =
      metarank_endpoint(kPost, "/rank/{model}", Scope::kRead,
                        "Put items in order for a user, best first.", rank);
  order.parameters.push_back({"explain", "query", "boolean",
                              "add what is known of each item", "true"});
  order.body_example =
      R"({"id":"r1","timestamp":"1772359200000","user":"ann","session":"s1",)"
      R"("fields":[],"items":[{"id":"mug-blue"},{"id":"mug-green"}]})";
  order.answer_example =
      R"({"took":0,"items":[{"item":"mug-green","score":3.1}]})";

  Endpoint more = metarank_endpoint(
      kPost, "/recommend/{model}", Scope::kRead,
      "Which items to show to a user, or beside items.", recommend);
  more.body_example = R"({"count":5,"user":"ann"})";
  more.answer_example = order.answer_example;

  Endpoint alive = metarank_endpoint(kGet, "/health", Scope::kNone,
                                     "The process runs.", health);
  alive.answer_example = R"({"status":"ok"})";
  alive.urgent = true;
  return {feed, order, more, alive};
}

}  // namespace ensue::serve
