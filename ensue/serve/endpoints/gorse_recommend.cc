// SPDX-License-Identifier: Apache-2.0
// /api/recommend and the other lists of Gorse.
//
// Recommendations leave out what the user has met, as Gorse does by default.
// Neighbours of an item are what a visitor who met it alone is answered with.
#include <array>
#include <charconv>

#include "ensue/serve/endpoints/gorse.h"
#include "ensue/serve/endpoints/gorse_lists.h"
#include "ensue/serve/formats/gorse.h"

namespace ensue::serve {
namespace {

struct Window {
  std::size_t n, offset;
};

Window window_of(const Request& request) {
  return {gorse_count(request, "n", 10), gorse_count(request, "offset", 0)};
}

// Of the path and of the query; an item must be of all.
std::vector<std::string> categories_of(const Request& request) {
  auto out = request.all_in_query("category");
  for (const auto& [name, value] : request.path_values) {
    if (name == "category") out.push_back(value);
  }
  std::erase(out, "");
  return out;
}

Json scored(std::span<const Ranked> ranked) {
  JsonArray out;
  for (const Ranked& one : ranked) {
    out.push_back(JsonObject{{"Id", one.id}, {"Score", one.score}});
  }
  return out;
}

void cut(std::vector<Ranked>& all, const Window& window) {
  const std::size_t first = std::min(window.offset, all.size());
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first));
  all.resize(std::min(all.size(), window.n));
}

// What the model answers, from `offset` on.
std::vector<Ranked> ask(Service& service, Question question,
                        const Request& request) {
  const Window window = window_of(request);
  if (window.n == 0) return {};
  question.k = window.n + window.offset;
  question.explore = service.options().explore;
  for (std::string& category : categories_of(request)) {
    question.only.push_back({"category", "=", std::move(category)});
  }
  std::vector<Ranked> out;
  try {
    for (const Shown& shown : service.recommend(question).reply.items) {
      out.push_back({shown.item, shortest(shown.score)});
    }
  } catch (const Error& error) {
    // No item has a category at all: then none has this one.
    if (error.code() != Code::kNotFound) throw;
  }
  cut(out, window);
  return out;
}

// "1h30m", "10m", "1.5s", as Go writes durations; "0" and "" are none.
std::int64_t duration_ms(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {
      {{"ns", 1e-6},
       {"us", 1e-3},
       {"µs", 1e-3},
       {"ms", 1},
       {"s", 1000},
       {"m", 60'000},
       {"h", 3'600'000}}};
  std::string_view rest = text;
  double out = 0;
  if (rest == "0") rest = {};
  while (!rest.empty()) {
    const std::size_t digits =
        std::min(rest.find_first_not_of("0123456789."), rest.size());
    const auto number = read_number(rest.substr(0, digits));
    rest.remove_prefix(digits);
    const std::size_t letters =
        std::min(rest.find_first_of("0123456789."), rest.size());
    const auto unit =
        std::ranges::find(kUnits, rest.substr(0, letters),
                          &std::pair<std::string_view, double>::first);
    if (!number || unit == kUnits.end()) {
      invalid("write-back-delay: '" + shortened(text) +
              "', expected a duration such as 10m or 1h30m");
    }
    out += *number * unit->second;
    rest.remove_prefix(letters);
  }
  if (!(out <= 366.0 * 86'400'000)) {
    invalid("write-back-delay: '" + shortened(text) +
            "', expected at most a year");
  }
  return static_cast<std::int64_t>(out);
}

// What was recommended counts as feedback, at once or after a delay.
void write_back(Service& service, const Request& request,
                std::span<const Ranked> items) {
  const std::string* type = request.in_query("write-back-type");
  const std::string* delay = request.in_query("write-back-delay");
  const std::int64_t later = delay == nullptr ? 0 : duration_ms(*delay);
  if (type == nullptr || type->empty() || items.empty()) return;
  check_id(*type, "write-back-type");
  std::vector<store::Event> events;
  for (const Ranked& item : items) {
    events.push_back({.user = request.in_path("user"),
                      .item = item.id,
                      .action = *type,
                      .time = events::Millis{count(service.now()) + later}});
  }
  service.ingest(events);
}

Response recommend(Service& service, const Request& request) {
  if (request.in_query("write-back-type") != nullptr && !request.may_ingest) {
    return Response::text("write-back-type: the key lacks the scope ingest",
                          403);
  }
  Question question;
  question.user = request.in_path("user");
  question.exclude_seen = true;
  const auto items = ask(service, std::move(question), request);
  write_back(service, request, items);
  const std::string* version = request.header("x-api-version");
  if (version != nullptr && *version == "2") {
    return Response::json(scored(items));
  }
  JsonArray out;
  for (const Ranked& item : items) out.push_back(Json(item.id));
  return Response::json(out);
}

Response collaborative(Service& service, const Request& request) {
  Question question;
  question.user = request.in_path("user");
  question.exclude_seen = true;
  return Response::json(scored(ask(service, std::move(question), request)));
}

// Rows of a session may leave their user out: it is nobody's.
store::Event session_event(const Row& row, events::Millis now) {
  store::Event out{.user = "session",
                   .item = row.id(row.object(), "ItemId"),
                   .time = gorse_time(row, row.object()).value_or(now)};
  const std::string type = row.id_or_none(row.object(), "FeedbackType");
  if (!type.empty()) out.action = type;
  return out;
}

Response session(Service& service, const Request& request) {
  Question question;
  question.session.emplace();
  each_row(request.body, [&](const Row& row) {
    question.session->push_back(session_event(row, service.now()));
  });
  question.exclude_seen = true;
  return Response::json(scored(ask(service, std::move(question), request)));
}

Response neighbours(Service& service, const Request& request) {
  const std::string& item = request.in_path("item");
  bool known = false;
  for (const auto& entry : service.models().all()) {
    known = known || entry.model->item(item).has_value();
  }
  if (!known) return Response::json(JsonArray());
  Question question;
  question.session = {{.user = "session", .item = item, .time = service.now()}};
  question.exclude_seen = true;
  return Response::json(scored(ask(service, std::move(question), request)));
}

Response user_neighbours(Service& service, const Request& request) {
  const Window window = window_of(request);
  auto out =
      similar_users(service, request.in_path("user"), window.n + window.offset);
  cut(out, window);
  return Response::json(scored(out));
}

Response popular(Service& service, const Request& request) {
  const Window window = window_of(request);
  auto out =
      popular_items(service, window.n + window.offset, categories_of(request));
  cut(out, window);
  return Response::json(scored(out));
}

Response latest(Service& service, const Request& request) {
  const Window window = window_of(request);
  auto out =
      latest_items(service, window.n + window.offset, categories_of(request));
  cut(out, window);
  return Response::json(scored(out));
}

const std::vector<Parameter>& query_parameters() {
  static const std::vector<Parameter> list = {
      {"n", "query", "integer", "how many", "10"},
      {"offset", "query", "integer", "how many to pass over first", "0"},
      {"category", "query", "string", "items of it alone; may repeat"}};
  return list;
}

}  // namespace

std::vector<Endpoint> gorse_recommend_routes() {
  constexpr Method kGet = Method::kGet, kPost = Method::kPost;
  constexpr Scope kRead = Scope::kRead;
  std::vector<Endpoint> out = {
      gorse_endpoint<"/api/recommend/{user}", recommend>(
          kGet, kRead, "Which items to show to a user, best first."),
      gorse_endpoint<"/api/recommend/{user}/{category}", recommend>(
          kGet, kRead, "The same, of one category."),
      gorse_endpoint<"/api/session/recommend", session>(
          kPost, kRead, "Which items to show after the feedback of a session."),
      gorse_endpoint<"/api/session/recommend/{category}", session>(
          kPost, kRead, "The same, of one category."),
      gorse_endpoint<"/api/latest", latest>(kGet, kRead, "The latest items."),
      gorse_endpoint<"/api/latest/{category}", latest>(
          kGet, kRead, "The latest items of a category."),
      gorse_endpoint<"/api/popular", popular>(kGet, kRead,
                                              "The most popular items."),
      gorse_endpoint<"/api/popular/{category}", popular>(
          kGet, kRead, "The most popular items of a category."),
      gorse_endpoint<"/api/item/{item}/neighbors", neighbours>(
          kGet, kRead, "Items that go with an item."),
      gorse_endpoint<"/api/item/{item}/neighbors/{category}", neighbours>(
          kGet, kRead, "The same, of one category."),
      gorse_endpoint<"/api/item-to-item/{name}/{item}", neighbours>(
          kGet, kRead, "Items that go with an item; any name will do."),
      gorse_endpoint<"/api/collaborative-filtering/{user}", collaborative>(
          kGet, kRead, "Which items to show to a user, with scores."),
      gorse_endpoint<"/api/user/{user}/neighbors", user_neighbours>(
          kGet, kRead, "Users with most items in common."),
  };
  for (Endpoint& endpoint : out) {
    const bool ids = endpoint.path.starts_with("/api/recommend");
    endpoint.answer_example =
        ids ? R"(["mug-green"])" : R"([{"Id":"mug-green","Score":3.1}])";
    if (endpoint.method == kPost) {
      endpoint.body_example =
          R"([{"FeedbackType":"view","ItemId":"mug-blue"}])";
    }
    endpoint.slow = endpoint.path.starts_with("/api/latest") ||
                    endpoint.path.starts_with("/api/user/");
    const auto& more = query_parameters();
    endpoint.parameters.insert(endpoint.parameters.end(), more.begin(),
                               more.end());
    if (ids) {
      endpoint.parameters.push_back({"write-back-type", "query", "string",
                                     "count the answer as such feedback"});
      endpoint.parameters.push_back({"write-back-delay", "query", "string",
                                     "after a duration such as 10m"});
    }
  }
  return out;
}

}  // namespace ensue::serve
