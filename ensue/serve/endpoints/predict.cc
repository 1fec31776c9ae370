// SPDX-License-Identifier: Apache-2.0
// POST /v1/predict/{task}: any question that the model can answer.
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/questions.h"
#include "ensue/serve/service.h"
#include "ensue/tasks/catalog.h"
#include "ensue/tasks/futures.h"
#include "ensue/tasks/next_action.h"

namespace ensue::serve {
namespace {

struct Fields {
  std::string user, model;
  int steps = 5, samples = 200;
  std::uint64_t seed = 1;
  void visit(auto&& field) {
    field("user", user, "whose future");
    field("model", model, "its name; else chosen by user");
    field("steps", steps, "events ahead");
    field("samples", samples, "futures drawn");
    field("seed", seed, "the same seed draws the same futures");
  }
};

using Share = tasks::Outlook::Share;

template <class Name>
JsonArray shares_json(const std::vector<Share>& shares, const Name& name) {
  constexpr std::size_t kMost = 20;
  JsonArray out;
  for (const Share& share : shares) {
    if (out.size() == kMost) break;
    out.push_back(JsonObject{{"name", name(share.id)}, {"share", share.share}});
  }
  return out;
}

Json outlook_json(const LiveModel& model, const tasks::Outlook& outlook,
                  bool whole) {
  const auto item = [&](std::uint32_t id) { return model.item_name(id); };
  const auto action = [&](std::uint32_t id) {
    return model.about().actions.name(id);
  };
  JsonArray steps;
  for (const tasks::Outlook::Step& step : outlook.steps) {
    JsonObject one{{"items", shares_json(step.items, item)}};
    if (whole) {
      one["actions"] = shares_json(step.actions, action);
      one["days"] = JsonArray{step.days[0], step.days[1], step.days[2]};
      if (step.value == step.value) one["value"] = step.value;
    }
    steps.push_back(std::move(one));
  }
  return JsonObject{{"model", model.name()},
                    {"whole", whole},
                    {"items", shares_json(outlook.items, item)},
                    {"steps", std::move(steps)}};
}

Response predict_next(Service& service, const Request& request) {
  Fields fields;
  read_fields(fields, object_of(request), "body");
  if (fields.user.empty()) invalid("body.user: missing");
  if (fields.steps > 100 || fields.samples > 10'000) {
    invalid("body: expected at most 100 steps and 10000 samples");
  }
  const auto model = service.models().pick(fields.model, fields.user);
  const EngineEvents past =
      model->translate(service.store().user(fields.user).events);
  const auto futures = tasks::roll_out(
      model->engine(), past.view(),
      {.steps = fields.steps, .samples = fields.samples, .seed = fields.seed});
  const events::Millis from =
      past.size() == 0 ? events::Millis{0} : past.times.back();
  return Response::json(
      outlook_json(*model, tasks::summarise(futures, from), futures.whole));
}

struct ActionFields {
  std::string user, model;
  int k = 10;
  void visit(auto&& field) {
    field("user", user, "whose next action");
    field("model", model, "its name; else chosen by user");
    field("k", k, "items of each action");
  }
};

JsonArray days_json(const std::array<double, 3>& days) {
  return {days[0], days[1], days[2]};
}

JsonObject action_json(const LiveModel& model, const tasks::NextAction& said) {
  JsonArray actions;
  for (const tasks::NextAction::Action& action : said.actions) {
    JsonArray items;
    for (const tasks::NextAction::Item& item : action.items) {
      items.push_back(JsonObject{{"name", model.item_name(item.id)},
                                 {"probability", item.probability}});
    }
    actions.push_back(
        JsonObject{{"name", model.about().actions.name(action.id)},
                   {"probability", action.probability},
                   {"days", days_json(action.days)},
                   {"items", std::move(items)}});
  }
  return {{"model", model.name()},
          {"days", days_json(said.days)},
          {"actions", std::move(actions)}};
}

Response predict_next_action(Service& service, const Request& request) {
  ActionFields fields;
  read_fields(fields, object_of(request), "body");
  if (fields.user.empty()) invalid("body.user: missing");
  if (fields.k < 1 || fields.k > 1000) {
    invalid("body.k: " + std::to_string(fields.k) + ", expected 1 to 1000");
  }
  JsonObject out;
  service.with_state(
      {.user = fields.user, .model = fields.model},
      [&](const LiveModel& model, const UserState& user) {
        out = action_json(
            model,
            model.next_actions().answer(
                user.state, {.items = static_cast<std::size_t>(fields.k)}));
        out["events"] = user.events;
      });
  out["task"] = "next_action";
  out["user"] = fields.user;
  return Response::json(out);
}

Response handle(Service& service, const Request& request) {
  const std::string task(request.in_path("task"));
  if (const auto model = service.task_models().get(task)) {
    return Response::json(model->answer(service, object_of(request)));
  }
  tasks::tasks().find(task);
  if (task == "next") return predict_next(service, request);
  if (task == "next_action") return predict_next_action(service, request);
  if (task == "next_item") {
    const Question question = question_of_body(service, request);
    return Response::json(answer_json(question, service.recommend(question)));
  }
  std::string known = "next_item, next, next_action";
  for (const std::string& one : service.task_models().tasks()) {
    known += ", " + one;
  }
  throw Error(Code::kNotFound,
              "no model answers '" + task + "' here; there are: " + known);
}

}  // namespace

Endpoint post_predict() {
  return {
      .method = Method::kPost,
      .path = "/v1/predict/{task}",
      .scope = Scope::kRead,
      .group = "v1",
      .summary =
          "Any question the model can answer: next_item (as /v1/recommend), "
          "next_action (which action, when, on which item: probabilities) or "
          "next, what a user does in the next steps, as shares of drawn "
          "futures; days are quantiles .1, .5, .9 from the last event. Other "
          "tasks (retention, value, …) are answered by the models given to "
          "the server as task models; those about customers take {\"user\"}.",
      .parameters = {{"task", "path", "string",
                      "next_item, next, next_action, retention, …", "next"}},
      .body_example = R"({"user":"ann","steps":3,"samples":200})",
      .answer_example =
          R"({"model":"main","whole":false,"items":[{"name":"mug-red",)"
          R"("share":0.4}],"steps":[{"items":[{"name":"mug-red",)"
          R"("share":0.2}]}]})",
      .handle = handle,
      .slow = true};
}

}  // namespace ensue::serve
