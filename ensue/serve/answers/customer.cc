// SPDX-License-Identifier: Apache-2.0
// Questions about a customer some days ahead: retention, value, …
#include "ensue/serve/answers/customer.h"

#include <algorithm>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/serve/live_model.h"
#include "ensue/serve/task_model.h"
#include "ensue/tasks/customer_model.h"
#include "ensue/tasks/customer_reasons.h"
#include "ensue/tasks/row_model.h"

namespace ensue::serve {
namespace {

struct Fields {
  std::string user;
  void visit(auto&& field) { field("user", user, "who is asked about"); }
};

struct WhyFields : Fields {
  int max_events = 200;
  void visit(auto&& field) {
    Fields::visit(field);
    field("max_events", max_events, "the latest that many are looked at");
  }
};

JsonArray reasons_json(const store::Event* events,
                       const std::vector<explain::EventReason>& reasons) {
  JsonArray out;
  for (const explain::EventReason& reason : reasons) {
    const store::Event& event = events[reason.event];
    JsonObject one{{"item", event.item},
                   {"action", event.action},
                   {"time", events::count(event.time)},
                   {"moved", reason.moved}};
    if (reason.events > 1) one["events"] = reason.events;
    out.push_back(std::move(one));
  }
  return out;
}

class Customer final : public TaskModel {
 public:
  explicit Customer(std::shared_ptr<const artifact::Artifact> artifact)
      : model_(std::move(artifact)) {}

  std::string task() const override { return model_.asked().name; }

  JsonObject answer(Service& service, const JsonObject& body) const override {
    Fields fields;
    read_fields(fields, body, "body");
    const AskedUser user = asked_user(service, fields.user);
    const tasks::CustomerEvents past =
        customer_events(model_.about(), user.events);
    const std::string why = model_.not_asked(past.view(), user.now);
    if (!why.empty()) {
      throw Error(Code::kNotFound, "user '" + user.name + "': " + why);
    }
    JsonObject out{{"task", task()},
                   {"user", user.name},
                   {"question", model_.task().question},
                   {"horizon_days", model_.asked().horizon_days},
                   {"time", events::count(user.now)},
                   {"events", user.events.size()}};
    for (auto& member : tasks::answer_json(
             model_.table(), model_.answer(past.view(), user.now))) {
      out[member.key()] = std::move(member.value());
    }
    return out;
  }

  JsonObject explain(Service& service, const JsonObject& body) const override {
    WhyFields fields;
    read_fields(fields, body, "body");
    if (fields.max_events < 1 || fields.max_events > 10'000) {
      invalid("body.max_events: " + std::to_string(fields.max_events) +
              ", expected 1 to 10000");
    }
    const AskedUser user = asked_user(service, fields.user);
    const tasks::CustomerEvents past =
        customer_events(model_.about(), user.events);
    const auto why =
        tasks::explain_customer(model_, past.view(), user.now,
                                static_cast<std::size_t>(fields.max_events));
    JsonArray features;
    for (const explain::Reason& reason : why.features.reasons) {
      if (reason.added == 0) continue;
      features.push_back(JsonObject{{"feature", reason.column},
                                    {"value", reason.value},
                                    {"added", reason.added}});
    }
    return {{"task", task()},
            {"user", user.name},
            {"time", events::count(user.now)},
            {"answer", why.answer},
            {"margin", why.features.margin},
            {"base", why.features.base},
            {"features", std::move(features)},
            {"events", reasons_json(user.events.data(), why.events)},
            {"instants", reasons_json(user.events.data(), why.instants)},
            {"not_looked_at", why.not_looked_at}};
  }

 private:
  tasks::CustomerModel model_;
};

}  // namespace

tasks::CustomerEvents customer_events(const artifact::Description& about,
                                      std::span<const store::Event> events) {
  const auto& columns = about.context;
  tasks::CustomerEvents out(about);
  std::vector<events::Cell> row(columns.size());
  for (const store::Event& event : events) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto said = std::ranges::find(
          event.context, columns[c].name,
          &std::pair<std::string, store::Event::Value>::first);
      row[c] = said == event.context.end() ? events::Cell()
                                           : cell_of(columns[c], said->second);
    }
    out.add(event.item, event.action, event.time, event.value, row);
  }
  return out;
}

TaskModelKind customer_kind() {
  return {"a question about customers", tasks::CustomerModel::is_one,
          [](std::shared_ptr<const artifact::Artifact> artifact)
              -> std::shared_ptr<const TaskModel> {
            return std::make_shared<Customer>(std::move(artifact));
          }};
}

}  // namespace ensue::serve
