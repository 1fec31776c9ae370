// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/endpoints/questions.h"

#include <array>
#include <charconv>

#include "ensue/base/fields.h"
#include "ensue/serve/formats/format.h"

namespace ensue::serve {
namespace {

constexpr std::int64_t kMostItems = 1000;

bool flag(const Request& request, std::string_view name) {
  const std::string* text = request.in_query(name);
  if (text == nullptr || *text == "false" || *text == "0") return false;
  if (*text == "true" || *text == "1" || text->empty()) return true;
  invalid(std::string(name) + ": '" + text->substr(0, 60) +
          "', expected true or false");
}

double share(const std::string& name, double value) {
  if (value >= 0 && value <= 1) return value;
  invalid(name + ": expected a share from 0 to 1");
}

std::vector<tasks::Condition> conditions(const std::vector<std::string>& text) {
  std::vector<tasks::Condition> out;
  for (const std::string& one : text) {
    try {
      out.push_back(tasks::Condition::parse(one));
    } catch (const Error& error) {
      invalid(std::string("only: ") + error.what());
    }
  }
  return out;
}

void check(const Question& question) {
  if (question.user.empty() && !question.session) {
    invalid("user: missing, expected a user or a session");
  }
}

// What a question may hold, each once.
struct Fields {
  std::string user, model;
  std::int64_t k = 10;
  bool exclude_seen = false, probability = false;
  double explore = 0;
  std::vector<std::string> exclude, only;

  void visit(auto&& field) {
    // Lists of objects are read apart; here they are names that are known.
    std::vector<std::string> apart;
    field("session", apart, "events of nobody");
    field("items", apart, "only these");
    field("user", user, "whose events count");
    field("model", model, "its name; else chosen by user");
    field("k", k, "items wanted");
    field("exclude_seen", exclude_seen, "none of the user's own items");
    field("probability", probability, "of each item among all");
    field("explore", explore, "share of places that are drawn");
    field("exclude", exclude, "items not wanted");
    field("only", only, "conditions such as category=Mugs");
  }
};

std::vector<std::string> names_of(const Json& list) {
  if (!list.is_array()) invalid("items: expected a list of texts");
  std::vector<std::string> out;
  for (const Json& one : list.as_array()) {
    if (!one.is_string()) invalid("items: expected a list of texts");
    out.emplace_back(one.as_string());
  }
  return out;
}

std::vector<store::Event> session_of(const Json& list, events::Millis now) {
  if (!list.is_array()) invalid("session: expected a list of events");
  JsonArray named;
  for (const Json& one : list.as_array()) {
    if (!one.is_object()) invalid("session: expected a list of events");
    JsonObject event = one.as_object();
    event["user"] = "session";
    named.push_back(std::move(event));
  }
  if (named.empty()) return {};
  return formats().find("events").parse(to_text(Json(named)), now).events;
}

}  // namespace

JsonObject object_of(const Request& request) {
  Json body;
  try {
    body = parse_json(request.body, "body");
  } catch (const Error& error) {
    invalid(error.what());
  }
  if (!body.is_object()) invalid("body: expected a JSON object");
  return std::move(body.as_object());
}

Question question_of_query(const Service& service, const Request& request) {
  Question out;
  if (const auto* user = request.in_query("user")) out.user = *user;
  if (const auto* model = request.in_query("model")) out.model = *model;
  out.k = static_cast<std::size_t>(request.number("k", 10, 1, kMostItems));
  out.exclude_seen = flag(request, "exclude_seen");
  out.probability = flag(request, "probability");
  out.exclude = request.all_in_query("exclude");
  out.only = conditions(request.all_in_query("only"));
  if (request.in_query("items") != nullptr) {
    out.items = request.all_in_query("items");
  }
  out.explore = service.options().explore;
  if (const auto* text = request.in_query("explore")) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, out.explore);
    if (error != std::errc() || stop != end) out.explore = -1;
    share("explore", out.explore);
  }
  check(out);
  return out;
}

Question question_of_body(const Service& service, const Request& request) {
  JsonObject body = object_of(request);
  Question out;
  if (const Json* items = body.if_contains("items")) {
    out.items = names_of(*items);
    body.erase("items");
  }
  if (const Json* session = body.if_contains("session")) {
    out.session = session_of(*session, service.now());
    body.erase("session");
  }
  Fields fields;
  fields.explore = service.options().explore;
  read_fields(fields, body, "body");
  if (fields.k < 1 || fields.k > kMostItems) {
    invalid("body.k: " + std::to_string(fields.k) + ", expected 1 to " +
            std::to_string(kMostItems));
  }
  out.user = std::move(fields.user);
  out.model = std::move(fields.model);
  out.k = static_cast<std::size_t>(fields.k);
  out.exclude_seen = fields.exclude_seen;
  out.probability = fields.probability;
  out.explore = share("body.explore", fields.explore);
  out.exclude = std::move(fields.exclude);
  out.only = conditions(fields.only);
  check(out);
  return out;
}

Json answer_json(const Question& question, const Service::Answered& answered) {
  JsonArray items;
  for (const Shown& shown : answered.reply.items) {
    JsonObject one{{"item", shown.item}};
    if (!shown.title.empty()) one["title"] = shown.title;
    one["score"] = shortest(shown.score);
    if (shown.probability >= 0) one["probability"] = shown.probability;
    if (question.explore > 0) one["propensity"] = shortest(shown.propensity);
    if (shown.by != "model") one["by"] = shown.by;
    items.push_back(std::move(one));
  }
  JsonObject out{{"answer_id", answered.id}};
  if (!question.user.empty()) out["user"] = question.user;
  out["model"] = answered.reply.model->name();
  out["known_events"] = answered.reply.events;
  out["items"] = std::move(items);
  return out;
}

}  // namespace ensue::serve
