// SPDX-License-Identifier: Apache-2.0
// POST /v1/explain: which past events moved an item's score.
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/explain/leave_one_out.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/questions.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

struct Fields {
  std::string user, item, model;
  std::int64_t max_events = 200;
  void visit(auto&& field) {
    field("user", user, "whose events");
    field("item", item, "whose score");
    field("model", model, "its name; else chosen by user");
    field("max_events", max_events, "the latest that many are looked at");
  }
};

JsonObject score_json(const explain::Score& score) {
  return {{"score", score.logit}, {"log_probability", score.log_probability}};
}

Json explanation_json(const LiveModel& model, const EngineEvents& past,
                      const explain::Explanation& explanation) {
  JsonArray effects;
  for (const explain::Effect& effect : explanation.effects) {
    const events::Event event = past.view()[effect.event];
    effects.push_back(JsonObject{
        {"item", model.item_name(events::index(event.item))},
        {"action", model.about().actions.name(events::index(event.action))},
        {"time", events::count(event.time)},
        {"moved", score_json(effect.moved)}});
  }
  return JsonObject{{"model", model.name()},
                    {"with_all_events", score_json(explanation.after_all)},
                    {"without_any", score_json(explanation.after_none)},
                    {"effects", std::move(effects)},
                    {"together", score_json(explanation.together)},
                    {"not_looked_at", explanation.not_looked_at}};
}

// {"task": …} asks a task model why.
Response explain_task(Service& service, JsonObject body) {
  const Json& said = body.at("task");
  const std::string task(said.is_string() ? std::string(said.as_string())
                                          : to_text(said));
  const auto model = service.task_models().get(task);
  if (model == nullptr) {
    throw Error(Code::kNotFound, "body.task: no model answers '" +
                                     task.substr(0, 60) + "' here");
  }
  body.erase("task");
  return Response::json(model->explain(service, body));
}

Response handle(Service& service, const Request& request) {
  JsonObject body = object_of(request);
  if (body.contains("task")) return explain_task(service, std::move(body));
  Fields fields;
  read_fields(fields, body, "body");
  if (fields.user.empty()) invalid("body.user: missing");
  if (fields.max_events < 1 || fields.max_events > 10'000) {
    invalid("body.max_events: " + std::to_string(fields.max_events) +
            ", expected 1 to 10000");
  }
  const auto model = service.models().pick(fields.model, fields.user);
  const auto item = model->item(fields.item);
  if (!item) {
    throw Error(Code::kNotFound, "body.item: the model does not know '" +
                                     fields.item.substr(0, 60) + "'");
  }
  const EngineEvents past =
      model->translate(service.store().user(fields.user).events);
  const auto explanation = explain::leave_one_out(
      model->engine(), past.view(), events::ItemId{*item},
      {.max_events = static_cast<std::size_t>(fields.max_events)});
  return Response::json(explanation_json(*model, past, explanation));
}

}  // namespace

Endpoint explain_item() {
  return {.method = Method::kPost,
          .path = "/v1/explain",
          .scope = Scope::kRead,
          .group = "v1",
          .summary =
              "Which past events moved an item's score: the score with "
              "all events less the score without this one, exactly. With "
              "{\"user\", \"task\"}: what features and events added to the "
              "answer of a task about customers; with {\"row\", \"task\"}: "
              "what each column of a row added to its answer.",
          .body_example = R"({"user":"ann","item":"mug-red"})",
          .answer_example =
              R"({"model":"main","with_all_events":{"score":3.1,)"
              R"("log_probability":-2.2},"without_any":{"score":0.4,)"
              R"("log_probability":-5.0},"effects":[{"item":"mug-blue",)"
              R"("action":"view","time":1772359200000,"moved":{"score":1.9,)"
              R"("log_probability":1.7}}],"together":{"score":0.8,)"
              R"("log_probability":1.1},"not_looked_at":0})",
          .handle = handle,
          .slow = true};
}

}  // namespace ensue::serve
